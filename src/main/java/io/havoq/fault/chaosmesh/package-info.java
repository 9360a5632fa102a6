/** Faults as Chaos Mesh objects on a Kubernetes cluster. */
@NullMarked
package io.havoq.fault.chaosmesh;

import org.jspecify.annotations.NullMarked;
