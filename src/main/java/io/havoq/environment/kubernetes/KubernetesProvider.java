package io.havoq.environment.kubernetes;

import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentProvider;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The environment {@code kubernetes}. */
public final class KubernetesProvider implements EnvironmentProvider {
    /** For the service loader. */
    public KubernetesProvider() {}

    @Override
    public String name() {
        return "kubernetes";
    }

    @Override
    public Environment create(Settings settings, Path output, Consumer<String> progress) {
        return new KubernetesEnvironment(ClusterAccess.of(settings), settings, output, progress);
    }
}
