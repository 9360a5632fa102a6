package io.havoq.fault.chaosmesh;

import io.havoq.settings.Setting;
import java.util.List;

/** Settings: placeholder. */
public final class ChaosMeshSettings {
    private ChaosMeshSettings() {}

    /** All of them. */
    public static List<Setting<?>> all() {
        return List.of();
    }
}
