package io.havoq.fault.local.network;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The switch's end of one node's network interface: IPv4 packets, without a link-layer header. Read by one thread, written
 * by many.
 */
public interface Port extends AutoCloseable {
    /**
     * Waits for the node's next packet.
     *
     * @param packet a direct buffer; position 0 and the limit are set to what was read
     * @return the packet's length, or -1 once this is closed
     */
    int read(ByteBuffer packet) throws IOException;

    /**
     * Hands the node a packet.
     *
     * @param packet a direct buffer, taken from position 0, where it has to be, to its limit
     */
    void write(ByteBuffer packet) throws IOException;

    /** What passed so far. */
    Statistics statistics() throws IOException;

    /** The largest packet, in bytes. */
    int mtu();

    /** For people: the kind of interface, its MTU, and the congestion control that TCP has in its namespace. */
    String description();

    /** Ends a read that waits; returns when nothing uses the interface any more. */
    @Override
    void close();

    /**
     * Figures since the port was opened.
     *
     * @param read packets that the switch read from the node
     * @param written packets that it handed to the node
     * @param overruns packets of the node that were lost because the switch did not read them in time
     * @param failures packets that the kernel did not take for the node
     */
    record Statistics(long read, long written, long overruns, long failures) {}
}
