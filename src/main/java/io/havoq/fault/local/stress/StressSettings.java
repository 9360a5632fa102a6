package io.havoq.fault.local.stress;

import io.havoq.settings.Setting;
import java.util.List;

/** Settings of what a node may use. */
public final class StressSettings {
    /** Processors. */
    public static final Setting<Double> CPUS = Setting.number(
            "havoq.local.cpus", 1.0, 0, 1024, "Processors that a node may use, where there are control groups; 0: all");

    /** Memory. */
    public static final Setting<Integer> MEMORY = Setting.integer(
            "havoq.local.memory",
            0,
            0,
            1024 * 1024,
            "MiB that a node may use while a StressChaos takes memory; 0: as much as the broker's preset says (reference: 512,"
                    + " others: 1024)");

    private StressSettings() {}

    /** All of them. */
    public static List<Setting<?>> all() {
        return List.of(CPUS, MEMORY);
    }
}
