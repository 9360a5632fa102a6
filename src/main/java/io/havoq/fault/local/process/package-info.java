/** Nodes as a kubelet and a StatefulSet keep them, and the kills of PodChaos. */
@NullMarked
package io.havoq.fault.local.process;

import org.jspecify.annotations.NullMarked;
