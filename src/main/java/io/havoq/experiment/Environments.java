package io.havoq.experiment;

import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentProvider;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Finds the environment that the settings name. */
final class Environments {
    private Environments() {}

    static Environment of(Settings settings, Path output, Consumer<String> progress) {
        var name = settings.get(ExperimentSettings.ENVIRONMENT);
        var providers = ServiceLoader.load(EnvironmentProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        return providers.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "setting havoq.environment: '" + name + "' is unknown: expected one of "
                                + providers.stream()
                                        .map(EnvironmentProvider::name)
                                        .sorted()
                                        .collect(Collectors.joining(", "))))
                .create(settings, output, progress);
    }
}
