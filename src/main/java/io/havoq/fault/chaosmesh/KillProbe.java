package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import java.util.Optional;

/** Sees a pod-kill in the pod's identity: a pod that comes back has a new UID. */
final class KillProbe implements EffectProbe {
    private String uid = "";

    @Override
    public void before(PodView pod) {
        uid = pod.uid();
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        if (pod.isEmpty()) {
            return new Seen("the pod is gone");
        }
        return pod.get().uid().equals(uid)
                ? new NotYet("the pod is still " + uid)
                : new Seen("the pod was replaced: UID " + uid + ", now "
                        + pod.get().uid());
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        return pod.filter(now -> !now.uid().equals(uid) && now.allRunning()).isPresent()
                ? new Seen("a new pod runs")
                : new NotYet("no new pod runs so far");
    }
}
