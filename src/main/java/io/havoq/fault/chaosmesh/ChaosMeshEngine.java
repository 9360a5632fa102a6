package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.KernelChaos;
import io.havoq.manifest.PodChaos;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Carries out faults through Chaos Mesh on a cluster. {@link #inject} returns when Chaos Mesh's records say that the targets are
 * hit, since until then it can still fail; that they were hit is then seen by other means. Thread-safe.
 */
public final class ChaosMeshEngine implements FaultEngine {
    private final MeshAccess access;
    private final ProbeChoice probes;

    /**
     * @param client of the cluster, which remains the caller's
     * @param progress is told each step, one line at a time, by whatever thread does it
     */
    public ChaosMeshEngine(KubernetesClient client, ChaosRun run, Consumer<String> progress) {
        this(client, run, progress, Pace.USUAL, new ExecShell(client, Pace.USUAL.exec()));
    }

    ChaosMeshEngine(KubernetesClient client, ChaosRun run, Consumer<String> progress, Pace pace, Shell shell) {
        var api = new ClusterApi(client, pace);
        access = new MeshAccess(api, new Pods(api), shell, run, pace, progress);
        probes = new ProbeChoice(api, access.pods(), shell);
    }

    @Override
    public Support supports(ChaosSpec spec) {
        if (spec instanceof KernelChaos) {
            return new Support.Unsupported(
                    "KernelChaos does not work in Chaos Mesh up to 2.8.3 (too few parts of namespacedname)",
                    "use an IOChaos with action fault and errno 5, or run it with havoq.environment=local");
        }
        var kinds = new ArrayList<>(List.of(ChaosKind.of(spec)));
        if (spec instanceof PodChaos pod && pod.powerOff()) {
            kinds.add(ChaosKind.NETWORK);
        }
        List<String> known;
        try {
            known = access.api().chaosResources();
        } catch (ApiException e) {
            // Whatever is wrong, the injection will say so; it is not that the fault is none of Chaos Mesh's.
            access.progress().accept(e.getMessage());
            return new Support.Supported();
        }
        for (var kind : kinds) {
            if (!known.contains(kind.plural())) {
                return new Support.Unsupported(
                        known.isEmpty()
                                ? "Chaos Mesh is not installed in this cluster: it has no API " + ChaosKind.API_VERSION
                                : "this cluster's Chaos Mesh has no " + kind.text() + ", only " + known,
                        "install Chaos Mesh 2.6 to 2.8 with its CRDs (kubectl get crd " + kind.resource()
                                + " must find it)");
            }
        }
        return new Support.Supported();
    }

    @Override
    public Support together(List<Aim> aims) {
        return ShapedPackets.sharedByTwo(aims).<Support>map(no -> no).orElseGet(Support.Supported::new);
    }

    @Override
    public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        return prepare(id, spec, targets, peers).inject(List.of());
    }

    @Override
    public PreparedFault prepare(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
        if (targets.isEmpty()) {
            throw new FaultException(id + ": no target was given, so nothing was injected");
        }
        if (spec instanceof KernelChaos) {
            throw new FaultException(id + ": KernelChaos does not work in Chaos Mesh up to 2.8.3: use an IOChaos with"
                    + " action fault and errno 5");
        }
        if (spec instanceof PodChaos pod && pod.powerOff()) {
            return PowerOffSubstitute.prepare(id, pod, targets, access, probes);
        }
        return ChaosMeshInjection.prepare(id, spec, targets, peers, access, probes);
    }
}
