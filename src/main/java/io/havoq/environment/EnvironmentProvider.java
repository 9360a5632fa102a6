package io.havoq.environment;

import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Makes one kind of environment; found through {@link java.util.ServiceLoader}, chosen by {@code havoq.environment}. */
public interface EnvironmentProvider {
    /** The word users write in {@code havoq.environment}. */
    String name();

    /**
     * An environment that has not been started.
     *
     * @param output where it may leave what belongs to the results, e.g. the nodes' logs
     * @param progress told in a line whenever a start got on
     * @throws IllegalArgumentException if a setting cannot be read
     */
    Environment create(Settings settings, Path output, Consumer<String> progress);
}
