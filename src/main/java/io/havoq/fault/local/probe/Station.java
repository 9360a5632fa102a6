package io.havoq.fault.local.probe;

import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;

/**
 * A node's end of the probe.
 *
 * @param name of the node
 * @param address that requests are sent to
 * @param echo where requests come in
 * @param asking bound to a free port, where replies come in
 */
record Station(String name, InetSocketAddress address, DatagramChannel echo, DatagramChannel asking) {}
