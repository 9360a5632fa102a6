/** Names as a cluster's DNS gives them to the nodes, and the faults of DNSChaos. */
@NullMarked
package io.havoq.fault.local.dns;

import org.jspecify.annotations.NullMarked;
