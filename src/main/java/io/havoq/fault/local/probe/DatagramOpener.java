package io.havoq.fault.local.probe;

import java.io.IOException;
import java.nio.channels.DatagramChannel;

/** Opens an unbound channel in a node's network: on the thread that is in the node's network namespace. */
@FunctionalInterface
public interface DatagramOpener {
    DatagramChannel open() throws IOException;
}
