package io.havoq.settings;

import java.security.SecureRandom;
import java.util.List;

/** The number that repeats every random choice of a run. */
public final class Seed {
    /** The setting. */
    public static final Setting<String> SETTING = Setting.text(
            "havoq.seed", "", "Whole number that repeats every random choice of a run; drawn and reported when empty.");

    private Seed() {}

    /** All settings of this class. */
    public static List<Setting<?>> all() {
        return List.of(SETTING);
    }

    /**
     * The number set, or one drawn now.
     *
     * @throws IllegalArgumentException if it is not a whole number
     */
    public static long of(Settings settings) {
        var text = settings.get(SETTING).strip();
        try {
            return text.isEmpty() ? new SecureRandom().nextInt(Integer.MAX_VALUE) : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("setting havoq.seed: '" + text + "' is not a whole number", e);
        }
    }
}
