package io.havoq.broker;

import io.havoq.settings.Setting;
import java.util.List;

/** The settings of the reference broker. */
public final class ReferenceSettings {
    /** The planted defect. */
    public static final Setting<String> DEFECT = Setting.text(
            "havoq.broker.reference.defect",
            "none",
            "Defect to plant in the reference broker, to test the checker only: none, ack-before-commit, drop-nth,"
                    + " duplicate-qos2, swap-neighbours, forget-sessions, forget-retained or minority-accepts.");

    /** The heap of one node. */
    public static final Setting<Integer> HEAP =
            Setting.integer("havoq.broker.reference.heap", 128, 64, 4096, "Heap of one reference node, in MiB.");

    private ReferenceSettings() {}

    /** All of them, for the documentation. */
    public static List<Setting<?>> all() {
        return List.of(DEFECT, HEAP);
    }
}
