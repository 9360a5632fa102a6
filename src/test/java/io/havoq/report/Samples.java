package io.havoq.report;

import io.havoq.Level;
import io.havoq.Verdict;
import io.havoq.ledger.QosCounts;
import io.havoq.report.ExperimentResult.Check;
import io.havoq.report.ExperimentResult.Injected;
import io.havoq.report.ExperimentResult.Latency;
import io.havoq.report.ExperimentResult.LatencyPhases;
import io.havoq.report.ExperimentResult.Outage;
import io.havoq.report.ExperimentResult.Phase;
import io.havoq.report.ExperimentResult.Recovered;
import io.havoq.report.ExperimentResult.Throughput;
import io.havoq.report.ExperimentResult.Violation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Results as experiments leave them, one of every verdict. */
final class Samples {
    static final Instant START = Instant.parse("2026-01-02T03:04:05.006Z");

    private Samples() {}

    static RunResult run(ExperimentResult... experiments) {
        return new RunResult("local", "reference", "three nodes in a sandbox", 42, START, 61_000, List.of(experiments));
    }

    static ExperimentResult passed() {
        return of("PodKillIT.leader", Verdict.PASSED, null, List.of());
    }

    static ExperimentResult passedWith(String warnings) {
        return of("PodKillIT.leader", Verdict.PASSED, warnings, List.of());
    }

    static ExperimentResult failed() {
        return of(
                "PodKillIT.follower",
                Verdict.FAILED,
                "2 acknowledged messages were lost",
                List.of(
                        new Violation("p99-latency", Level.SHOULD, "P99 was 700 ms, expected below 500 ms"),
                        new Violation(
                                "no-loss",
                                Level.MUST,
                                "2 acknowledged messages were lost\nfirst: p17 to havoq/t/3, QoS 1, sequence 99")));
    }

    static ExperimentResult inconclusive() {
        return of("ContainerKillIT.kill", Verdict.INCONCLUSIVE, "the victim had no client connected", List.of());
    }

    /** As the extension reports it: nothing was injected, judged or measured. */
    static ExperimentResult unsupported() {
        return new ExperimentResult(
                "TimeSkewIT.skew",
                "io.havoq.scenarios.TimeSkewIT",
                "skew()",
                List.of("P2"),
                Verdict.UNSUPPORTED,
                Optional.of("TimeChaos needs Linux: run it there"),
                START,
                3,
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                0,
                new Throughput(0, 0, 0),
                new LatencyPhases(Optional.empty(), Optional.empty(), Optional.empty()),
                List.of(),
                List.of(),
                Map.of(),
                List.of());
    }

    private static ExperimentResult of(
            String id, Verdict verdict, @Nullable String reason, List<Violation> violations) {
        return new ExperimentResult(
                id,
                "io.havoq.scenarios." + id.substring(0, id.indexOf('.')),
                id.substring(id.indexOf('.') + 1) + "()",
                List.of("smoke", "P0"),
                verdict,
                Optional.ofNullable(reason),
                START.plusSeconds(1),
                60_000,
                List.of(
                        new Phase("steady state", START.plusSeconds(1), 2_000, true, "3 of 3 members"),
                        new Phase("injected", START.plusSeconds(3), 120, true, "pod-kill on emqx-go-1"),
                        new Phase(
                                "ledger",
                                START.plusSeconds(40),
                                5_000,
                                verdict != Verdict.FAILED,
                                "judged 10000 deliveries")),
                violations,
                Optional.of(new Injected(
                        Optional.of(START.plusSeconds(3)),
                        Optional.of(START.plusMillis(3_100)),
                        Optional.of(START.plusMillis(3_120)),
                        Optional.of(START.plusSeconds(20)),
                        Optional.empty(),
                        List.of("emqx-go-1"),
                        List.of("process 4711 exited with 137", "UID changed"),
                        Optional.of(120_000L),
                        Optional.of(15_020L),
                        List.of("emqx-go-0 > emqx-go-2: 0 passed, 4711 dropped"))),
                Optional.of(new Recovered(
                        Optional.of(1_200L),
                        verdict == Verdict.FAILED ? Optional.empty() : Optional.of(6_400L),
                        10_000,
                        30_000,
                        Optional.of(800L),
                        List.of(new Outage(START.plusSeconds(3), START.plusMillis(4_200), 1_200)))),
                Map.of(
                        0, new QosCounts(4_000, 0, 0, 0, 39_990, 10, 0, 0, 0, 0, 0),
                        1, new QosCounts(5_000, 4_990, 10, 0, 49_980, verdict == Verdict.FAILED ? 2 : 0, 7, 1, 2, 3, 4),
                        2, new QosCounts(1_000, 998, 1, 1, 9_990, 0, 0, 0, 0, 0, 1)),
                123,
                new Throughput(1_000, 640.5, 998),
                new LatencyPhases(
                        Optional.of(new Latency(1.5, 3, 9, 20)),
                        Optional.of(new Latency(2, 40, 700, 1_300)),
                        Optional.empty()),
                List.of(
                        new Check("cluster", "members", Check.State.OK, "3 of 3"),
                        new Check("node", "cpu", Check.State.NOT_CHECKED, "no metrics")),
                List.of("p17 havoq/t/3 QoS 1 99 acknowledged, not delivered"),
                Map.of("chaos/01-pod-kill.yaml", "kind: PodChaos\n"),
                List.of("the leader was chosen"));
    }
}
