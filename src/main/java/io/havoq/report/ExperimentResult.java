package io.havoq.report;

import io.havoq.Level;
import io.havoq.Verdict;
import io.havoq.ledger.QosCounts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a finished experiment leaves for the report. Immutable.
 *
 * @param id unique per invocation within the run
 * @param testClass fully qualified
 * @param testName the test's display name
 * @param tags JUnit tags, e.g. {@code P0}
 * @param reason why the verdict is not {@code passed}; first cause first
 * @param manifests the manifests' texts by source, as they were injected
 * @param notes what a reader should know and no check judged, e.g. how the victim was chosen, checks not made
 */
public record ExperimentResult(
        String id,
        String testClass,
        String testName,
        List<String> tags,
        Verdict verdict,
        Optional<String> reason,
        Instant startedAt,
        long durationMillis,
        List<Phase> phases,
        List<Violation> violations,
        Optional<Injected> injection,
        Optional<Recovered> recovery,
        Map<Integer, QosCounts> ledger,
        long acknowledgedInWindow,
        Throughput throughput,
        LatencyPhases latencyMillis,
        List<Check> checklist,
        List<String> ledgerExtract,
        Map<String, String> manifests,
        List<String> notes) {

    /** One phase of the experiment's life, in order. */
    public record Phase(String name, Instant startedAt, long durationMillis, boolean ok, String detail) {}

    /** A broken invariant or check. */
    public record Violation(String check, Level level, String message) {}

    /**
     * The fault: instants are empty for what never happened.
     *
     * @param manifestDurationMillis how long the manifests want the faults to last together; empty where none says
     * @param heldMillis how long they were in force; empty for kills
     * @param figures what the engine counted
     */
    public record Injected(
            Optional<Instant> requestedAt,
            Optional<Instant> injectedAt,
            Optional<Instant> effectObservedAt,
            Optional<Instant> removedAt,
            Optional<Instant> effectGoneAt,
            List<String> targets,
            List<String> proof,
            Optional<Long> manifestDurationMillis,
            Optional<Long> heldMillis,
            List<String> figures) {}

    /** What recovery was measured; empty where it did not come within the bound. */
    public record Recovered(
            Optional<Long> serviceRtoMillis,
            Optional<Long> clusterRtoMillis,
            long targetMillis,
            long acceptableMillis,
            Optional<Long> clientReconnectMillis,
            List<Outage> outages) {}

    /** A time in which nobody was served, as a client free to choose any endpoint saw it. */
    public record Outage(Instant from, Instant until, long durationMillis) {}

    /** Deliveries per second before the fault, while the fault or its outage lasted, and after recovery. */
    public record Throughput(double before, double during, double after) {}

    /** Latencies from the intended send time, in milliseconds. */
    public record Latency(double p50, double p95, double p99, double max) {}

    /** Latencies by phase; empty where nothing was delivered. */
    public record LatencyPhases(Optional<Latency> before, Optional<Latency> during, Optional<Latency> after) {}

    /** One line of the recovery checklist. */
    public record Check(String level, String name, State state, String detail) {
        /** {@code NOT_CHECKED} is listed openly: it is neither a pass nor a failure. */
        public enum State {
            OK,
            VIOLATED,
            NOT_CHECKED
        }
    }
}
