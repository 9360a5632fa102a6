package io.havoq.fault.chaosmesh;

import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.List;

/** Settings of faults through Chaos Mesh. */
public final class ChaosMeshSettings {
    /** Bound of the injection. */
    public static final Setting<Duration> INJECTION_TIMEOUT = Setting.duration(
            "havoq.kubernetes.injection-timeout",
            "90s",
            "How long Chaos Mesh may take until its records say that every target is hit.");

    /** Bound of the removal. */
    public static final Setting<Duration> REMOVAL_TIMEOUT = Setting.duration(
            "havoq.kubernetes.removal-timeout",
            "60s",
            "How long a deleted chaos object may take until it is gone; then its finalizer is removed by force.");

    private ChaosMeshSettings() {}

    /** All settings of this package. */
    public static List<Setting<?>> all() {
        return List.of(INJECTION_TIMEOUT, REMOVAL_TIMEOUT);
    }
}
