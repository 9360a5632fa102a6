package io.havoq.recovery;

import io.havoq.Invariant;
import io.havoq.environment.Target;
import io.havoq.ledger.LedgerViolation;
import io.havoq.recovery.ServiceCheck.Served;
import io.havoq.report.ExperimentResult.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The recovery checklist after an experiment: takes what was observed line by line, judges it, and lists openly every line that
 * nobody looked at. Used by one thread.
 */
public final class Checklist {
    private static final Duration PUBLISH_BOUND = Duration.ofSeconds(10);
    private static final int ENDPOINTS = 2;
    private static final String LATER = "comes with a later version";
    private static final String NOT_GIVEN = "nothing was observed for this line in this experiment";

    /** Every line, in the order of the report, with why it is not checked if nobody calls its method. */
    private enum Line {
        MEMBERS("cluster", "every member is back", NOT_GIVEN),
        ROUTES("cluster", "messages pass between every two nodes", NOT_GIVEN),
        ENDPOINTS("cluster", "at least 2 MQTT endpoints serve", NOT_GIVEN),
        HEALTH("cluster", "every health check passes", LATER),
        THROUGHPUT("cluster", "throughput and latency are back to 90 % of the baseline", LATER),
        METRICS("cluster", "the metrics have up for at least 2 targets", LATER),
        PROCESSES("node", "every process runs, restarted only as the fault explains", NOT_GIVEN),
        PORTS("node", "MQTT and cluster ports listen", NOT_GIVEN),
        RESOURCES("node", "CPU and memory are in their normal range", LATER),
        ERROR_LINES("node", "no error lines keep coming", LATER),
        CLIENTS("application", "clients have reconnected", NOT_GIVEN),
        PUBLISH("application", "a QoS 1 publish with the credentials succeeds within 10 s", NOT_GIVEN),
        SUBSCRIPTIONS("data", "subscriptions kept", "judged by the ledger and by the sessions' queued messages");

        private final String level;
        private final String text;
        private final String notChecked;

        Line(String level, String text, String notChecked) {
            this.level = level;
            this.text = text;
            this.notChecked = notChecked;
        }
    }

    private final Map<Line, Check> lines = new EnumMap<>(Line.class);
    private final List<Check> probes = new ArrayList<>();
    private final List<LedgerViolation> violations = new ArrayList<>();

    /** Every target of before is there, running and ready. */
    public Checklist members(List<Target> before, List<Target> now) {
        mustNotBeEmpty(before, "targets");
        var present = byName(now);
        var missing = offenders();
        for (var target : before) {
            var is = present.get(target.name());
            if (is == null) {
                missing.add(target.name() + " is gone");
            } else if (!is.phase().equals("Running") || !is.ready()) {
                missing.add(target.name() + " is " + is.phase() + (is.ready() ? ", ready" : ", not ready")
                        + ", expected Running and ready");
            }
        }
        return line(Line.MEMBERS, missing, "all " + before.size() + " are Running and ready");
    }

    /**
     * Every target's uid and restart count are as the fault explains; targets that it did not hit must not have restarted.
     *
     * @param expected by target name, for those that were hit
     */
    public Checklist processes(List<Target> before, List<Target> now, Map<String, Restart> expected) {
        mustNotBeEmpty(before, "targets");
        var unknown = new ArrayList<>(expected.keySet());
        unknown.removeAll(byName(before).keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("restarts expected of " + unknown + ": expected names among "
                    + byName(before).keySet());
        }
        var present = byName(now);
        var wrong = offenders();
        for (var target : before) {
            var is = present.get(target.name());
            var restart = expected.getOrDefault(target.name(), Restart.NONE);
            if (is == null) {
                wrong.add(target.name() + " is gone");
            } else if (!restart.matches(target, is)) {
                wrong.add(target.name() + " has uid " + is.uid() + " and restart count " + is.restartCount()
                        + ", expected " + restart.expectation(target));
            }
        }
        return line(
                Line.PROCESSES,
                wrong,
                before.size() + " as expected"
                        + (expected.isEmpty() ? ", none restarted" : ": " + new TreeMap<>(expected)));
    }

    /**
     * A TCP connection is accepted at every port of every target.
     *
     * @param problems why a target's port of a purpose accepts none; empty if it does
     */
    public Checklist ports(List<Target> now, BiFunction<Target, String, Optional<String>> problems) {
        mustNotBeEmpty(now, "targets");
        var closed = offenders();
        var open = 0;
        for (var target : now) {
            for (var port : new TreeMap<>(target.ports()).entrySet()) {
                var problem = problems.apply(target, port.getKey());
                if (problem.isEmpty()) {
                    open++;
                } else {
                    closed.add(target.name() + " " + port.getKey() + " at " + port.getValue() + ": " + problem.get());
                }
            }
        }
        if (open == 0 && closed.none()) {
            // Targets without a port: nothing was looked at, so the line stays unchecked.
            return this;
        }
        return line(Line.PORTS, closed, open + " ports on " + now.size() + " targets accept connections");
    }

    /** Every path has carried a message sent at or after an instant. */
    public Checklist routes(List<PathState> paths, long sinceNanos) {
        mustNotBeEmpty(paths, "paths");
        var broken = offenders();
        for (var path : paths) {
            if (!path.worksSince(sinceNanos)) {
                broken.add(path.from() + " -> " + path.to() + ": nothing published since the recovery has arrived");
            }
        }
        return line(Line.ROUTES, broken, "all " + paths.size() + " paths");
    }

    /** As many clients of the workload are connected as before the fault. */
    public Checklist clients(int connected, int expected) {
        if (expected <= 0) {
            throw new IllegalArgumentException("expected " + expected + " clients: there must have been at least one");
        }
        var missing = offenders();
        if (connected < expected) {
            missing.add(expected - connected, connected + " of " + expected + " clients are connected");
        }
        return line(Line.CLIENTS, missing, connected + " of " + expected + " are connected");
    }

    /** At least two endpoints serve a new client, and one within 10 s; {@code withCredentials} tells whether they logged in. */
    public Checklist endpoints(List<Served> served, boolean withCredentials) {
        mustNotBeEmpty(served, "endpoints");
        var serving = served.stream().filter(Served::served).toList();
        var refusing = served.stream()
                .filter(one -> !one.served())
                .map(one -> one.endpoint() + ": " + one.detail())
                .collect(Collectors.joining("; "));
        var few = offenders();
        if (serving.size() < ENDPOINTS) {
            few.add(serving.size() + " serve, expected at least " + ENDPOINTS
                    + (refusing.isEmpty() ? "" : ": " + refusing));
        }
        var late = offenders();
        var first = serving.stream().map(Served::took).min(Duration::compareTo);
        if (first.isEmpty() || first.get().compareTo(PUBLISH_BOUND) > 0) {
            late.add(first.isEmpty() ? refusing : "took " + first.get().toMillis() + " ms at the fastest endpoint");
        }
        return line(Line.ENDPOINTS, few, serving.size() + " of " + served.size() + " serve new clients")
                .line(
                        Line.PUBLISH,
                        late,
                        first.map(Duration::toMillis).orElse(0L) + " ms from the connection to the arrival"
                                + (withCredentials ? "" : "; the brokers ask for no credentials"));
    }

    /** What a probe found. */
    public Checklist add(CheckResult result) {
        probes.addAll(result.checks());
        violations.addAll(result.violations());
        return this;
    }

    /** All lines by level, those that nobody looked at included, and what is violated. */
    public CheckResult result() {
        var all = new ArrayList<Check>();
        for (var line : Line.values()) {
            var check = lines.get(line);
            all.add(check != null ? check : new Check(line.level, line.text, Check.State.NOT_CHECKED, line.notChecked));
        }
        all.addAll(probes);
        var levels = List.of("cluster", "node", "application", "data");
        all.sort(Comparator.comparingInt(check -> levels.indexOf(check.level())));
        return new CheckResult(all, violations);
    }

    private Checklist line(Line line, Offenders offenders, String inOrder) {
        lines.put(line, offenders.check(line.level, line.text, inOrder));
        violations.addAll(offenders.violation());
        return this;
    }

    private static Offenders offenders() {
        return new Offenders(Invariant.CHECKLIST);
    }

    private static void mustNotBeEmpty(List<?> observed, String what) {
        if (observed.isEmpty()) {
            throw new IllegalArgumentException(
                    "recovery checklist: no " + what + " were given, so nothing could be checked");
        }
    }

    private static Map<String, Target> byName(List<Target> targets) {
        return targets.stream().collect(Collectors.toMap(Target::name, Function.identity()));
    }
}
