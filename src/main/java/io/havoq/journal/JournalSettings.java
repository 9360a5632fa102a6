package io.havoq.journal;

import io.havoq.settings.Setting;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.List;

/** Settings of the journal. */
public final class JournalSettings {
    /** Where the journal is. */
    public static final Setting<String> STATE = Setting.text(
            "havoq.state",
            "",
            "Directory of what must be undone, kept between runs; default $XDG_STATE_HOME/havoq or ~/.local/state/havoq");

    private JournalSettings() {}

    /** All of them. */
    public static List<Setting<?>> all() {
        return List.of(STATE);
    }

    /** The state directory: the setting, else where the XDG Base Directory Specification has it. */
    public static Path stateDirectory(Settings settings) {
        var given = settings.get(STATE);
        if (!given.isBlank()) {
            return Path.of(given).toAbsolutePath();
        }
        var xdg = System.getenv("XDG_STATE_HOME");
        // The specification has relative paths ignored.
        if (xdg != null && Path.of(xdg).isAbsolute()) {
            return Path.of(xdg, "havoq");
        }
        return Path.of(System.getProperty("user.home"), ".local", "state", "havoq");
    }
}
