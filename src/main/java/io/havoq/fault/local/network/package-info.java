/** The nodes' own network: a namespace each, a packet switch between them, and the faults on the way. */
@NullMarked
package io.havoq.fault.local.network;

import org.jspecify.annotations.NullMarked;
