package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.api.model.Quantity;
import io.havoq.fault.chaosmesh.PodView.ContainerView;
import io.havoq.fault.chaosmesh.Sight.Blind;
import io.havoq.fault.chaosmesh.Sight.NotLooked;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.StressChaos;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sees a StressChaos in what the container's control group uses, before and under it, or in the container's end for want of memory. The
 * stressor runs in that group.
 */
final class StressProbe implements EffectProbe {
    private static final double MIB = 1024.0 * 1024;

    private final StressChaos chaos;
    private final Shell shell;
    private final String container;
    private double processors;
    private double memory;
    private long oomKills;
    private int stressors;
    /** Whether they were seen, by this probe or by the other of the same target. */
    private final AtomicBoolean stressorsSeen;

    private Optional<String> shown = Optional.empty();
    private int restarts;
    private double cpuAsked;
    private double memoryAsked;
    private String blind = "";

    StressProbe(StressChaos chaos, Shell shell, String container) {
        this(chaos, shell, container, new AtomicBoolean());
    }

    private StressProbe(StressChaos chaos, Shell shell, String container, AtomicBoolean stressorsSeen) {
        this.chaos = chaos;
        this.shell = shell;
        this.container = container;
        this.stressorsSeen = stressorsSeen;
    }

    @Override
    public EffectProbe amidOthers(boolean dropping) {
        return new StressProbe(chaos, shell, container, stressorsSeen);
    }

    @Override
    public void before(PodView pod) {
        var view = pod.container(container);
        restarts = view.map(ContainerView::restarts).orElse(0);
        var pair = CgroupReading.read(shell, pod, container);
        if (!pair.complete()) {
            blind = pair.why();
            return;
        }
        processors = pair.processors();
        memory = pair.memoryBytes();
        oomKills = pair.oomKills();
        stressors = pair.stressors();
        var cpuLimit = limit(view, "cpu").orElse(Double.MAX_VALUE);
        var memoryLimit = limit(view, "memory").orElse(0.0).longValue();
        // Of what the workers ask for, as much as the limit leaves.
        cpuAsked = chaos.cpu()
                .map(cpu -> Math.min(cpu.workers() * cpu.loadPercent() / 100.0, Math.max(0, cpuLimit - processors)))
                .orElse(0.0);
        memoryAsked = chaos.memory()
                .map(stress -> (double) stress.size().bytesOf(memoryLimit))
                .orElse(0.0);
    }

    private static Optional<Double> limit(Optional<ContainerView> view, String resource) {
        return view.map(now -> now.limits().get(resource))
                .map(text -> Quantity.getAmountInBytes(new Quantity(text)).doubleValue());
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        var killed = pod.flatMap(now -> now.container(container))
                .filter(now -> chaos.memory().isPresent()
                        && now.restarts() > restarts
                        && now.ended()
                                .filter(end -> end.reason().equals("OOMKilled"))
                                .isPresent());
        if (killed.isPresent()) {
            return new Seen("container " + container + " ended with "
                    + killed.get().ended().orElseThrow() + ", " + killed.get().restarts() + " restarts, before "
                    + restarts);
        }
        if (!blind.isEmpty()) {
            return new Blind(blind);
        }
        if (pod.isEmpty()) {
            return new NotYet("the pod is gone");
        }
        var pair = CgroupReading.read(shell, pod.get(), container);
        if (!pair.complete()) {
            return new NotLooked(pair.why());
        }
        if (pair.stressors() > stressors) {
            stressorsSeen.set(true);
        }
        return judge(pair);
    }

    private Sight judge(CgroupReading.Pair now) {
        var text = new ArrayList<String>();
        var seen = true;
        if (chaos.cpu().isPresent()) {
            text.add(String.format(Locale.ROOT, "%.2f processors used, before %.2f", now.processors(), processors));
            seen = cpuAsked > 0.05 && now.processors() - processors >= cpuAsked / 2;
        }
        if (chaos.memory().isPresent()) {
            text.add(String.format(
                    Locale.ROOT,
                    "%.0f MiB used, before %.0f, %d ends for want of memory",
                    now.memoryBytes() / MIB,
                    memory / MIB,
                    now.oomKills() - oomKills));
            seen &= now.oomKills() > oomKills || (memoryAsked > 0 && now.memoryBytes() - memory >= memoryAsked / 2);
        }
        var said = "control group of container " + container + ": " + String.join("; ", text)
                + (now.stressors() > stressors ? "; " + now.stressors() + " stressors of Chaos Mesh run in it" : "");
        return seen ? new Seen(said) : new NotYet(said);
    }

    /** A broker may well use as much by itself; where the stressors were seen, their end is what counts. */
    @Override
    public Sight after(Optional<PodView> pod) {
        shown = Optional.empty();
        if (!blind.isEmpty()) {
            return new Blind(blind);
        }
        if (pod.isEmpty()) {
            return new NotYet("the pod is gone");
        }
        var now = CgroupReading.read(shell, pod.get(), container);
        if (!now.complete()) {
            return new NotYet(now.why());
        }
        var text =
                String.format(Locale.ROOT, "%.2f processors, %.0f MiB used", now.processors(), now.memoryBytes() / MIB);
        if (now.stressors() > stressors) {
            shown = Optional.of(
                    now.stressors() + " stressors of Chaos Mesh run in container " + container + ", " + text);
            return new NotYet(shown.get());
        }
        var back = (chaos.cpu().isEmpty() || now.processors() - processors < cpuAsked / 2)
                && (chaos.memory().isEmpty() || memoryAsked <= 0 || now.memoryBytes() - memory < memoryAsked / 2);
        return back || stressorsSeen.get()
                ? new Seen(text)
                : new NotYet(text + "; the fault cannot be told from what the broker itself uses");
    }

    @Override
    public Optional<String> leftover(PodView pod) {
        return shown;
    }
}
