package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Sees a pod-failure in the pod's images, which Chaos Mesh replaces by one that does nothing, and in its restarts. */
final class PodFailureProbe implements EffectProbe {
    private final Map<String, String> images = new HashMap<>();
    private int restarts;

    @Override
    public void before(PodView pod) {
        pod.containers().forEach(container -> images.put(container.name(), container.image()));
        restarts = pod.restarts();
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        if (pod.isEmpty()) {
            return new NotYet("the pod is gone, which is not what a pod-failure does");
        }
        for (var container : pod.get().containers()) {
            if (container.image().equals(images.get(container.name()))) {
                return new NotYet("container " + container.name() + " still has its image " + container.image());
            }
        }
        // The images alone are what Chaos Mesh asked for; the kubelet's word is that the old containers ended.
        return pod.get().restarts() > restarts
                        || pod.get().containers().stream().noneMatch(PodView.ContainerView::running)
                ? new Seen("the containers run " + pod.get().containers().get(0).image() + " instead, "
                        + pod.get().restarts() + " restarts, before " + restarts)
                : new NotYet("the images are replaced, but no container has ended");
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        return pod.filter(now -> now.allRunning()
                                && now.containers().stream()
                                        .allMatch(container -> container.image().equals(images.get(container.name()))))
                        .isPresent()
                ? new Seen("the images are back")
                : new NotYet("the pod does not run its own images so far");
    }
}
