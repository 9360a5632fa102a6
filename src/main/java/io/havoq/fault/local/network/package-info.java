/** The network of the local cluster: namespaces for its nodes, and a packet switch between them that impairs what it passes. */
@NullMarked
package io.havoq.fault.local.network;

import org.jspecify.annotations.NullMarked;
