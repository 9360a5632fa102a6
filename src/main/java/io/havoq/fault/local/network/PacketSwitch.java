package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Passes IPv4 packets between ports and impairs them as rules say. */
public final class PacketSwitch implements AutoCloseable {
    /** A moment that {@link #health} counts from. */
    public static final class Mark {
        Mark() {}
    }

    /**
     * What a capture got.
     *
     * @param packets written
     * @param bytes of the file
     * @param left packets left out because the file had reached its bound
     */
    public record Captured(long packets, long bytes, long left) {}

    public PacketSwitch(long seed) {}

    /** Adds a port; before {@link #start} only. The switch closes it. */
    public void attach(String name, Inet4Address address, Port port) {}

    public void start() {}

    /** Makes the rule hold for the pair; in place of what the same rule did to this pair before. */
    public void impose(String rule, Pair pair, List<Impairment> impairments) {}

    /** Ends the rule for all its pairs, and gives its last counters. */
    public Map<Pair, PairCounters> lift(String rule) {
        return Map.of();
    }

    public void cut(String node) {}

    public void restore(String node) {}

    public Map<Pair, PairCounters> counters() {
        return Map.of();
    }

    public Map<Pair, PairCounters> counters(String rule) {
        return Map.of();
    }

    public Mark mark() throws IOException {
        return new Mark();
    }

    public SwitchHealth health(Mark since) throws IOException {
        throw new IOException("not there yet");
    }

    public void capture(Path file, long maxBytes) throws IOException {}

    public Captured endCapture() throws IOException {
        return new Captured(0, 0, 0);
    }

    public String describe() {
        return "";
    }

    @Override
    public void close() {}
}
