/** Brokers on a Kubernetes cluster that is there already, with Chaos Mesh for the faults. */
@NullMarked
package io.havoq.environment.kubernetes;

import org.jspecify.annotations.NullMarked;
