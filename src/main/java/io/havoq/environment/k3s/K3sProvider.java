package io.havoq.environment.k3s;

import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentProvider;
import io.havoq.environment.kubernetes.KubernetesEnvironment;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The environment {@code k3s}. It loads without Testcontainers and helm-java, and says what is missing when it is asked for. */
public final class K3sProvider implements EnvironmentProvider {
    /** For the service loader. */
    public K3sProvider() {}

    @Override
    public String name() {
        return "k3s";
    }

    @Override
    public Environment create(Settings settings, Path output, Consumer<String> progress) {
        OptionalLibraries.require(K3sProvider.class.getClassLoader());
        return new K3sEnvironment(
                settings,
                output,
                progress,
                new K3sEnvironment.Parts(
                        DockerDaemon::new, new HelmChart(), FabricCluster::new, KubernetesEnvironment::of));
    }
}
