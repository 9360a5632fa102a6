package io.havoq.fault.chaosmesh;

import java.util.function.Consumer;

/** What an injection needs of the cluster. */
record MeshAccess(ClusterApi api, Pods pods, Shell shell, ChaosRun run, Pace pace, Consumer<String> progress) {
    Explanation explanation() {
        return new Explanation(api);
    }

    Removal removal() {
        return new Removal(api, pace, progress);
    }
}
