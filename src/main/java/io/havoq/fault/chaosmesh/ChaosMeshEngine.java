package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.environment.Target;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.Injection;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import java.util.List;
import java.util.function.Consumer;

/** The engine: placeholder. */
public final class ChaosMeshEngine implements FaultEngine {
    /** Placeholder. */
    public ChaosMeshEngine(KubernetesClient client, ChaosRun run, Consumer<String> progress) {}

    @Override
    public Support supports(ChaosSpec spec) {
        return new Support.Supported();
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        throw new UnsupportedOperationException("placeholder");
    }
}
