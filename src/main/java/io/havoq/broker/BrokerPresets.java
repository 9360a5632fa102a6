package io.havoq.broker;

import io.havoq.environment.Credentials;
import io.havoq.environment.EnvironmentException;
import io.havoq.settings.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The broker presets by the words that users write in {@code havoq.broker}. */
public final class BrokerPresets {
    private static final Map<String, Function<Settings, BrokerPreset>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("reference", ReferencePreset::new);
        BY_NAME.put("command", CommandPreset::new);
        BY_NAME.put("emqx-go", EmqxGoPreset::new);
    }

    private BrokerPresets() {}

    /**
     * The preset that the settings name. A command line alone stands for {@code havoq.broker=command}.
     *
     * @throws EnvironmentException if there is none of that name
     */
    public static BrokerPreset of(Settings settings) {
        var commandAlone = settings.isSet(BrokerSettings.COMMAND) && !settings.isSet(BrokerSettings.BROKER);
        var name =
                commandAlone ? "command" : settings.get(BrokerSettings.BROKER).strip();
        var preset = BY_NAME.get(name);
        if (preset == null) {
            throw new EnvironmentException(
                    "havoq.broker=" + name + " is unknown: expected one of " + String.join(", ", BY_NAME.keySet()));
        }
        return preset.apply(settings);
    }

    /** What the settings say that clients log in with. */
    static Optional<Credentials> credentials(Settings settings) {
        var username = settings.get(BrokerSettings.USERNAME);
        return username.isEmpty()
                ? Optional.empty()
                : Optional.of(new Credentials(username, settings.get(BrokerSettings.PASSWORD)));
    }
}
