package io.havoq.environment.local;

import static org.awaitility.Awaitility.await;

import io.havoq.environment.Target;
import io.havoq.fault.Injection;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.KernelChaos;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Mode;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.StressChaos;
import io.havoq.manifest.TimeChaos;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.awaitility.core.ConditionTimeoutException;

/** A fault of each kind: whether the environment says that it can carry it out, and whether it does. */
final class EveryFault {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());

    /** By the names by which they are told of. */
    static final List<ChaosSpec> SPECS = List.of(
            new TimeChaos(
                    "time",
                    ALL,
                    List.of(),
                    Duration.ofHours(1),
                    List.of(TimeChaos.ClockId.CLOCK_REALTIME),
                    Optional.empty()),
            StressChaos.cpu("cpu", ALL, 1, 50),
            StressChaos.memory("memory", ALL, new MemorySize.Bytes(16 << 20), -1000),
            new IoChaos(
                    "io",
                    new IoChaos.Effect.Latency(Duration.ofMillis(50)),
                    ALL,
                    List.of(),
                    "/data",
                    Optional.empty(),
                    List.of("write"),
                    100,
                    Optional.empty()),
            new KernelChaos(
                    "kernel",
                    KernelChaos.Failure.BIO,
                    ALL,
                    List.of(),
                    List.of(KernelChaos.Frame.of("__x64_sys_fdatasync")),
                    100,
                    Optional.empty(),
                    Optional.empty()),
            NetworkChaos.partition("network", ALL, NetworkChaos.Direction.BOTH, ALL),
            new PodChaos("failure", PodChaos.Action.POD_FAILURE, ALL, Duration.ZERO, List.of(), Optional.empty()),
            new PodChaos("kill", PodChaos.Action.POD_KILL, ALL, Duration.ZERO, List.of(), Optional.empty()));

    private final LocalEnvironment environment;
    private final Consumer<String> told;

    /** @param told for each fault a line with what is supported, and one when it has been carried out and has gone */
    EveryFault(LocalEnvironment environment, Consumer<String> told) {
        this.environment = environment;
        this.told = told;
    }

    /** @param all whether to carry out all that is supported, or the last one only */
    void carryOut(boolean all) {
        // Without a time in its log a node does not show how its clock was before.
        await("the node tells the time")
                .atMost(BOUND)
                .until(() -> connects()
                        && environment.logTail(environment.targets().get(0).name(), 1).stream()
                                .allMatch(line -> line.endsWith("connection")));
        for (var spec : SPECS) {
            var support = environment.faults().supports(spec);
            told.accept("supports " + spec.name() + ": " + support);
            if (support instanceof Support.Supported && (all || spec.equals(SPECS.get(SPECS.size() - 1)))) {
                carryOut(spec);
            }
        }
    }

    private void carryOut(ChaosSpec spec) {
        var injection = environment
                .faults()
                .inject(
                        spec.name(),
                        spec,
                        environment.targets().subList(0, 1),
                        environment.targets().subList(1, 2));
        try {
            await(spec.name() + " acts").atMost(BOUND).until(() -> acted(injection));
        } catch (ConditionTimeoutException e) {
            told.accept(spec.name() + " so far: " + injection.effect() + "; the node's log ends with "
                    + environment.logTail(environment.targets().get(0).name(), 2));
            throw e;
        }
        injection.effect().forEach(proof -> told.accept("proof " + spec.name() + ": " + proof.observation()));
        injection.remove();
        await(spec.name() + " has gone").atMost(BOUND).until(() -> connects() && injection.gone());
        await("the nodes are ready after " + spec.name())
                .atMost(BOUND)
                .until(() -> environment.targets().stream().allMatch(Target::ready));
        told.accept("carried out " + spec.name());
    }

    /** A node that is connected to writes the time into its log. */
    private boolean acted(Injection injection) {
        var unused = connects();
        return injection.acted();
    }

    private boolean connects() {
        return TestNode.answers(environment.endpoints().get(0).address());
    }
}
