package io.havoq.environment.local;

import io.havoq.broker.BrokerPresets;
import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentProvider;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The environment {@code local}. */
public final class LocalEnvironmentProvider implements EnvironmentProvider {
    /** For the service loader. */
    public LocalEnvironmentProvider() {}

    @Override
    public String name() {
        return "local";
    }

    @Override
    public Environment create(Settings settings, Path output, Consumer<String> progress) {
        return new LocalEnvironment(settings, BrokerPresets.of(settings), output, progress);
    }
}
