package io.havoq.fault.local.dns;

import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;

/** Opens unbound channels in a node's network: on the thread that is in the node's network namespace. */
public interface NodeSockets {
    DatagramChannel datagram() throws IOException;

    ServerSocketChannel server() throws IOException;
}
