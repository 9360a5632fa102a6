package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.havoq.environment.Target;
import io.havoq.manifest.Mode;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A run that fails a pod and removes the fault again, as a process of its own, so that a test can kill it at any step that it tells. */
final class KilledRun {
    private KilledRun() {}

    /** Kubeconfig, namespace and pod. */
    public static void main(String... args) {
        var namespace = args[1];
        var bound = Duration.ofSeconds(30);
        try (var client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(new File(args[0])))
                .build()) {
            var engine = new ChaosMeshEngine(
                    client,
                    new ChaosRun("killed-run", namespace, Duration.ofMinutes(5), bound, bound),
                    System.out::println);
            var selection = new Selection(Selector.ofPods(namespace, List.of(args[2])), new Mode.All());
            engine.inject(
                            "killed-run",
                            PodChaos.podFailure("failure", selection, Duration.ofMinutes(1)),
                            List.of(new Target(
                                    args[2],
                                    namespace,
                                    Map.of(),
                                    Map.of(),
                                    "Running",
                                    true,
                                    List.of("node"),
                                    "",
                                    "",
                                    0,
                                    Map.of())),
                            List.of())
                    .remove();
        }
    }
}
