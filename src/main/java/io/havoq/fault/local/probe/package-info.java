/** Datagrams between the nodes that witness what a network fault does. */
@NullMarked
package io.havoq.fault.local.probe;

import org.jspecify.annotations.NullMarked;
