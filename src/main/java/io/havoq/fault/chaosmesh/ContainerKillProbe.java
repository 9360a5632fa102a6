package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.PodView.ContainerView;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sees a container-kill in the restart counts and exit codes that the kubelet reports; the pod stays the same. */
final class ContainerKillProbe implements EffectProbe {
    private final List<String> names;
    private final Map<String, Integer> restarts = new HashMap<>();

    ContainerKillProbe(List<String> names) {
        this.names = List.copyOf(names);
    }

    @Override
    public void before(PodView pod) {
        pod.containers().forEach(container -> restarts.put(container.name(), container.restarts()));
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        var seen = new ArrayList<String>();
        for (var name : names) {
            var now = pod.flatMap(view -> view.container(name));
            if (now.filter(this::ended).isEmpty()) {
                return new NotYet("container " + name + " has not ended: "
                        + now.map(container -> container.restarts() + " restarts")
                                .orElse("its pod is gone"));
            }
            seen.add("container " + name + " ended with " + now.get().ended().orElseThrow() + ", "
                    + now.get().restarts() + " restarts, before " + before(now.get()));
        }
        return new Seen(String.join("; ", seen));
    }

    /** Ended and not yet restarted, or restarted: an earlier end does not count. */
    private boolean ended(ContainerView now) {
        return now.ended().isPresent() && (now.restarts() > before(now) || !now.running());
    }

    private int before(ContainerView now) {
        return restarts.getOrDefault(now.name(), 0);
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        for (var name : names) {
            var runs = pod.flatMap(view -> view.container(name))
                    .filter(now -> now.running() && now.restarts() > before(now));
            if (runs.isEmpty()) {
                return new NotYet("container " + name + " does not run again so far");
            }
        }
        return new Seen("restarted");
    }
}
