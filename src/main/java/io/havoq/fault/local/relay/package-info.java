/** The way by which clients outside the nodes' networks reach the nodes. */
@NullMarked
package io.havoq.fault.local.relay;

import org.jspecify.annotations.NullMarked;
