package io.havoq.settings;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values of the settings: a system property wins over JUnit's configuration parameters
 * ({@code junit-platform.properties}), and those over the default. Immutable and thread-safe.
 */
public final class Settings {
    private final Function<String, @Nullable String> source;

    private Settings(Function<String, @Nullable String> source) {
        this.source = source;
    }

    /** Settings from system properties only. */
    public static Settings fromSystemProperties() {
        return new Settings(System::getProperty);
    }

    /** These settings, with a second source for what they do not set. */
    public Settings orElse(Function<String, Optional<String>> fallback) {
        return new Settings(key -> {
            var own = source.apply(key);
            return own != null ? own : fallback.apply(key).orElse(null);
        });
    }

    /** These settings with one value fixed, whatever the sources say. */
    public Settings with(Setting<?> setting, String text) {
        return new Settings(key -> key.equals(setting.key()) ? text : source.apply(key));
    }

    /**
     * The value of a setting.
     *
     * @throws IllegalArgumentException if its text cannot be read; the message names the setting and what was expected
     */
    public <T> T get(Setting<T> setting) {
        var given = source.apply(setting.key());
        try {
            return setting.reader().apply(given == null ? setting.defaultText() : given);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("setting " + setting.key() + ": " + e.getMessage(), e);
        }
    }

    /** Whether the user set it, be it to its default. */
    public boolean isSet(Setting<?> setting) {
        return source.apply(setting.key()) != null;
    }
}
