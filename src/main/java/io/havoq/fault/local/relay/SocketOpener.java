package io.havoq.fault.local.relay;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** Opens an unconnected channel in the network that a relay's outgoing connections shall come from. */
@FunctionalInterface
public interface SocketOpener {
    /** Called on a thread of the relay's; the implementation changes to the thread of the right network namespace. */
    SocketChannel open() throws IOException;
}
