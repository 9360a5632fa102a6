package io.havoq.experiment;

import io.havoq.Verdict;
import io.havoq.ledger.DeliveryStatistics;
import io.havoq.ledger.Judgement;
import io.havoq.ledger.Ledger;
import io.havoq.manifest.ManifestDocument;
import io.havoq.recovery.Objective;
import io.havoq.report.ExperimentResult;
import io.havoq.report.ExperimentResult.Check;
import io.havoq.report.ExperimentResult.Injected;
import io.havoq.report.ExperimentResult.Latency;
import io.havoq.report.ExperimentResult.LatencyPhases;
import io.havoq.report.ExperimentResult.Phase;
import io.havoq.report.ExperimentResult.Recovered;
import io.havoq.report.ExperimentResult.Throughput;
import io.havoq.report.ExperimentResult.Violation;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything that is known of an experiment at its end, and the result made of it.
 *
 * @param normalFrom since when the load flowed
 * @param window when the fault or its outage lasted; for a baseline, since the moment a fault would have begun
 */
record ResultAssembly(
        ExperimentDefinition definition,
        String id,
        Verdict verdict,
        boolean acted,
        Findings findings,
        List<Phase> phases,
        long startedAtNanos,
        Objective objective,
        Optional<FaultPhase> fault,
        Optional<Instruments> instruments,
        Optional<Instruments.RecoveryTimes> times,
        Optional<Duration> serviceRto,
        Optional<Duration> clusterRto,
        Optional<Judgement> judgement,
        List<Check> checklist,
        List<ManifestDocument> documents,
        OptionalLong normalFrom,
        FaultWindow window) {

    private static final int EXTRACT_LINES = 60;

    ExperimentResult assemble() {
        var before = statistics(normalFrom, window.from());
        var during = statistics(window.from(), window.until());
        var after = statistics(window.until(), OptionalLong.of(RunClock.now()));
        var all = findings.all();
        return new ExperimentResult(
                id,
                definition.testClass(),
                definition.testName(),
                definition.tags(),
                verdict,
                all.isEmpty() ? Optional.empty() : Optional.of(VerdictThrowable.lines(verdict, all, acted)),
                RunClock.instant(startedAtNanos),
                RunClock.between(startedAtNanos, RunClock.now()).toMillis(),
                phases,
                violations(all),
                definition.baseline() ? Optional.empty() : fault.map(this::injected),
                definition.baseline() ? Optional.empty() : times.map(this::recovered),
                judgement.map(Judgement::byQos).orElse(Map.of()),
                ledger().map(window::acknowledged).orElse(0L),
                new Throughput(perSecond(before), perSecond(during), perSecond(after)),
                new LatencyPhases(latency(before), latency(during), latency(after)),
                checklist,
                ledger().map(ledger -> ledger.extract(EXTRACT_LINES)).orElse(List.of()),
                manifests(),
                findings.notes());
    }

    private static List<Violation> violations(List<Finding> findings) {
        return findings.stream()
                .filter(Finding.Violated.class::isInstance)
                .map(Finding.Violated.class::cast)
                .map(violated -> new Violation(violated.check(), violated.level(), violated.message()))
                .toList();
    }

    private Injected injected(FaultPhase phase) {
        return new Injected(
                instant(phase.requestedAt()),
                instant(phase.injectedAt()),
                instant(phase.effectObservedAt()),
                instant(phase.removedAt()),
                instant(phase.goneAt()),
                phase.targets().stream().map(target -> target.name()).toList(),
                phase.proof().stream()
                        .map(proof -> proof.target() + ": " + proof.observation()
                                + (proof.independent() ? "" : " (told by the engine)"))
                        .toList(),
                phase.duration().map(Duration::toMillis),
                phase.held().map(Duration::toMillis),
                phase.figures());
    }

    private Recovered recovered(Instruments.RecoveryTimes measured) {
        return new Recovered(
                serviceRto.map(Duration::toMillis),
                clusterRto.map(Duration::toMillis),
                objective.target().toMillis(),
                objective.acceptable().toMillis(),
                instruments.flatMap(Instruments::clientReconnect).map(Duration::toMillis),
                measured.outages());
    }

    /** The ledger, if any load flowed. */
    private Optional<Ledger> ledger() {
        return normalFrom.isPresent() ? instruments.map(Instruments::ledger) : Optional.empty();
    }

    private Optional<DeliveryStatistics> statistics(OptionalLong from, OptionalLong until) {
        return from.isPresent() && until.isPresent()
                ? ledger().map(ledger -> ledger.deliveries(from.getAsLong(), until.getAsLong()))
                : Optional.empty();
    }

    private static double perSecond(Optional<DeliveryStatistics> statistics) {
        return statistics.map(DeliveryStatistics::perSecond).orElse(0.0);
    }

    private static Optional<Latency> latency(Optional<DeliveryStatistics> statistics) {
        return statistics
                .flatMap(DeliveryStatistics::latencyMillis)
                .map(millis -> new Latency(millis.p50(), millis.p95(), millis.p99(), millis.max()));
    }

    private Map<String, String> manifests() {
        var texts = new LinkedHashMap<String, String>();
        documents.forEach(
                document -> texts.merge(document.source(), document.text(), (one, two) -> one + "---\n" + two));
        return texts;
    }

    private static Optional<Instant> instant(OptionalLong nanos) {
        return nanos.isPresent() ? Optional.of(RunClock.instant(nanos.getAsLong())) : Optional.empty();
    }
}
