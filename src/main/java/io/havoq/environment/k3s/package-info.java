/** A Kubernetes cluster of its own for the run: K3s in a container, with Chaos Mesh and a broker deployed. */
@NullMarked
package io.havoq.environment.k3s;

import org.jspecify.annotations.NullMarked;
