package io.havoq.environment.kubernetes;

import io.havoq.manifest.ManifestRewriter;
import io.havoq.manifest.Manifests;
import io.havoq.settings.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A run in a process of its own, to be killed: says what it has done and then waits. */
final class RunMain {
    private RunMain() {}

    /**
     * Starts, and stays.
     *
     * @param args directory for the output; {@code start}, or {@code inject} to have a fault in force, too
     */
    public static void main(String[] args) throws InterruptedException {
        var settings = Settings.fromSystemProperties();
        var environment = new KubernetesProvider().create(settings, Path.of(args[0]), System.out::println);
        environment.start();
        System.out.println("STARTED");
        if (args[1].equals("inject")) {
            environment.beginExperiment("killed");
            var spec = new ManifestRewriter(settings)
                    .rewrite(Manifests.readAll(List.of("chaos/pod-failure.yaml"))
                            .get(0)
                            .spec());
            var unused = environment
                    .faults()
                    .inject("killed-1", spec, environment.targets().subList(1, 2), List.of());
            System.out.println("INJECTED");
        }
        new CountDownLatch(1).await();
    }
}
