package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** An engine on a scripted cluster, with bounds that fit a test. */
final class Setup {
    static final Pace FAST = new Pace(
            Duration.ofMillis(5),
            Duration.ofSeconds(2),
            Duration.ofMillis(1500),
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            Duration.ofMillis(200));
    static final ChaosRun RUN =
            new ChaosRun("run-1", "default", Duration.ofMinutes(10), Duration.ofMillis(400), Duration.ofMillis(200));
    static final Selection ONE =
            new Selection(Selector.inNamespaces("default").withLabels(Map.of("app", "emqx-go")), new Mode.One());
    static final Target POD_0 = target("emqx-go-0");
    static final Target POD_1 = target("emqx-go-1");

    final List<String> progress = Collections.synchronizedList(new ArrayList<>());
    final ChaosMeshEngine engine;

    Setup(ScriptedCluster cluster, Shell shell) {
        engine = new ChaosMeshEngine(cluster.client(), RUN, progress::add, FAST, shell);
    }

    Setup(ScriptedCluster cluster) {
        this(cluster, ScriptedShell.none());
    }

    static Target target(String name) {
        return new Target(
                name,
                "default",
                Map.of("app", "emqx-go"),
                Map.of(),
                "Running",
                true,
                List.of("broker"),
                "node-a",
                "u1",
                0,
                Map.of());
    }
}
