package io.havoq.fault.local.network;

import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.List;

/** Settings of the nodes' own network. */
public final class NetworkSettings {
    /** Lateness. */
    public static final Setting<Duration> MAX_LATENESS = Setting.duration(
            "havoq.local.network.max-lateness",
            "50ms",
            "How late the packet switch may send 1 of 100 packets; beyond it a network experiment is inconclusive");

    /** Drops. */
    public static final Setting<Integer> MAX_DROPS = Setting.integer(
            "havoq.local.network.max-drops",
            0,
            0,
            1_000_000,
            "Packets that the packet switch may lose by itself; beyond it a network experiment is inconclusive");

    /** Capture. */
    public static final Setting<Boolean> CAPTURE = Setting.flag(
            "havoq.local.network.capture",
            false,
            "Whether all packets of an experiment are written to a pcap file beside the results");

    /** Its size. */
    public static final Setting<Integer> CAPTURE_SIZE = Setting.integer(
            "havoq.local.network.capture-size",
            64,
            1,
            4_096,
            "MiB that one capture may have; what is later is left out");

    private NetworkSettings() {}

    /** All of them. */
    public static List<Setting<?>> all() {
        return List.of(MAX_LATENESS, MAX_DROPS, CAPTURE, CAPTURE_SIZE);
    }
}
