package io.havoq.fault.chaosmesh;

import io.havoq.environment.Target;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import io.havoq.manifest.TimeChaos;
import java.time.InstantSource;
import java.util.List;

/** Which probe sees which fault. */
final class ProbeChoice {
    private final ClusterApi api;
    private final Pods pods;
    private final Shell shell;

    ProbeChoice(ClusterApi api, Pods pods, Shell shell) {
        this.api = api;
        this.pods = pods;
        this.shell = shell;
    }

    /** The probe of one target, with nothing looked at so far. */
    EffectProbe choose(ChaosSpec spec, PodView pod, List<Target> peers) {
        if (spec instanceof PodChaos chaos) {
            return switch (chaos.podAction()) {
                case POD_KILL -> new KillProbe();
                case CONTAINER_KILL -> new ContainerKillProbe(chaos.containerNames());
                case POD_FAILURE -> new PodFailureProbe();
            };
        }
        var container = spec.containerNames().isEmpty()
                ? pod.containers().get(0).name()
                : spec.containerNames().get(0);
        if (spec instanceof NetworkChaos chaos) {
            return new NetworkProbe(chaos, pods, shell, container, new OtherEnd(chaos, api, pods).of(pod, peers));
        }
        if (spec instanceof TimeChaos chaos) {
            return new ClockProbe(chaos, api, shell, container, InstantSource.system());
        }
        if (spec instanceof StressChaos chaos) {
            return new StressProbe(chaos, shell, container);
        }
        if (spec instanceof IoChaos chaos) {
            return new FileProbe(chaos, api, shell, container);
        }
        if (spec instanceof DnsChaos chaos) {
            return new NameProbe(chaos, api, shell, container);
        }
        return new NoProbe("nobody knows how to see a " + spec.kind());
    }
}
