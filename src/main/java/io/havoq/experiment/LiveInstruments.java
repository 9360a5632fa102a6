package io.havoq.experiment;

import io.havoq.environment.Environment;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Target;
import io.havoq.ledger.Judgement;
import io.havoq.ledger.Ledger;
import io.havoq.mqtt.MqttClients;
import io.havoq.recovery.CheckResult;
import io.havoq.recovery.Checklist;
import io.havoq.recovery.HeldConnections;
import io.havoq.recovery.OutageProbe;
import io.havoq.recovery.OutageWindow;
import io.havoq.recovery.PathProbe;
import io.havoq.recovery.PersistentSessionProbe;
import io.havoq.recovery.ProbeScope;
import io.havoq.recovery.RefusalCheck;
import io.havoq.recovery.Restart;
import io.havoq.recovery.RetainedProbe;
import io.havoq.recovery.ServiceCheck;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import io.havoq.workload.Burst;
import io.havoq.workload.LoadDriver;
import io.havoq.workload.WorkloadPlan;
import io.havoq.workload.WorkloadSettings;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/** The instruments on a real cluster. Everything is made in the constructor and nothing started, so that close undoes all. */
final class LiveInstruments implements Instruments {
    /** For clients to connect again and paths to carry a message after recovery was measured. */
    private static final Duration SETTLE_BOUND = Duration.ofSeconds(10);

    /** For the clients' event loops to go through the connections that a kill ended, on a loaded machine. */
    private static final Duration NOTICE_BOUND = Duration.ofSeconds(3);

    /** The rest of that bound: a node that is heard of even then has cut no connection. */
    private static final Duration SILENCE = NOTICE_BOUND.dividedBy(2);

    private final Environment environment;
    private final Findings findings;
    private final Ledger ledger;
    private final WorkloadPlan plan;
    private final LoadDriver load;
    private final OutageProbe outages;
    private final PathProbe paths;
    private final PersistentSessionProbe sessions;
    private final RetainedProbe retained;
    private final MqttClients clients;
    private final HeldConnections held;
    private final Duration burst;
    private final FutureTask<Integer> queueing;
    private final Thread queuer;
    private final long madeAt = RunClock.now();
    private OptionalLong faultSince = OptionalLong.empty();

    /** @param bursts whether bursts will be asked for */
    LiveInstruments(
            String id, Environment environment, Settings settings, long seed, Findings findings, boolean bursts) {
        this.environment = environment;
        this.findings = findings;
        var run = UUID.randomUUID();
        var word = run.toString().substring(0, 8);
        var scope = new ProbeScope(word, id);
        var endpoints = environment.endpoints();
        var credentials = environment.credentials();
        plan = WorkloadPlan.from(settings, "havoq/" + word + "/load", "havoq-" + word + "-load", seed ^ id.hashCode());
        ledger = new Ledger(run.getMostSignificantBits(), plan.payloadBytes());
        load = new LoadDriver(
                plan, endpoints, credentials, ledger, bursts ? settings.get(WorkloadSettings.BURST_PUBLISHERS) : 0);
        burst = settings.get(WorkloadSettings.BURST);
        held = new HeldConnections(scope, endpoints, credentials, settings);
        outages = new OutageProbe(scope, endpoints, credentials, settings);
        paths = new PathProbe(scope, endpoints, credentials, settings);
        sessions = new PersistentSessionProbe(scope, endpoints, credentials, settings);
        queueing = new FutureTask<>(sessions::queueDuringFault);
        queuer = new Thread(queueing, "havoq-session-queueing");
        queuer.setDaemon(true);
        retained = new RetainedProbe(scope, endpoints, credentials, settings);
        clients = new MqttClients("havoq-" + word + "-test", endpoints, credentials);
    }

    @Override
    public void start(Duration steadyBound) throws InterruptedException {
        paths.start();
        outages.start();
        if (!paths.awaitEveryPath(steadyBound)) {
            throw new IllegalStateException("no steady state: not every path carried a message within "
                    + GoDuration.format(steadyBound) + ": " + paths.neverWorked());
        }
        if (!outages.awaitEveryEndpoint(steadyBound)) {
            throw new IllegalStateException("no steady state: not every node completed a QoS 1 round trip within "
                    + GoDuration.format(steadyBound) + ": " + outages.neverWorked());
        }
        held.open(STEADY_BOUND);
        sessions.prepare();
        retained.prepare();
        load.start();
    }

    @Override
    public void observe(Duration span) throws InterruptedException {
        var from = RunClock.now();
        // The span itself is the condition: it is over when a round trip begun after it has completed.
        var until = from + span.toNanos();
        if (!Waiting.becomes(
                "service for " + span,
                span.plus(STEADY_BOUND),
                () -> RunClock.now() - until > 0 && outages.completed(until, RunClock.now()) > 0)) {
            throw new IllegalStateException("the service stopped while it was observed for " + GoDuration.format(span));
        }
        if (ledger.acknowledgedBetween(from, RunClock.now()) == 0) {
            throw new IllegalStateException(
                    "the load does not flow: no QoS 1 or 2 message was acknowledged within " + GoDuration.format(span));
        }
    }

    @Override
    public AutoCloseable pressOn(Collection<String> targets) throws InterruptedException {
        var press = load.pressOn(targets);
        Waiting.becomes(
                "publishes are outstanding at " + targets,
                SETTLE_BOUND,
                () -> load.snapshotAt(targets).outstandingPublishes() > 0);
        return press;
    }

    @Override
    public Exposure exposure(Collection<String> targets, long sinceNanos, boolean cut) {
        if (!cut) {
            // At a single instant there may be none, however many there are in a second.
            Waiting.becomes(
                    "clients publish at " + targets,
                    NOTICE_BOUND,
                    () -> load.snapshotAt(targets).outstandingPublishes() > 0);
        }
        if (cut) {
            // The clients learn of it one after the other, if they are told at all.
            Waiting.becomes(
                    "the clients have lost their connections",
                    NOTICE_BOUND,
                    () -> load.snapshotAt(targets).connectedClients() == 0);
        }
        var met = cut ? load.cutAt(targets, sinceNanos, RunClock.now() - SILENCE.toNanos()) : load.snapshotAt(targets);
        return new Exposure(met.connectedClients(), met.outstandingPublishes());
    }

    @Override
    public void faultActs(long sinceNanos) {
        faultSince = OptionalLong.of(sinceNanos);
        // Beside everything else: where nobody takes a message it lasts long.
        queuer.start();
    }

    @Override
    public List<ServiceCheck.Served> serve(List<MqttEndpoint> endpoints, Duration bound) throws InterruptedException {
        return ServiceCheck.serve(endpoints, environment.credentials(), bound);
    }

    @Override
    public List<RefusalCheck.Refusal> refusal(List<MqttEndpoint> endpoints, Duration bound, Duration span)
            throws InterruptedException {
        return RefusalCheck.refuse(endpoints, environment.credentials(), held, bound, span);
    }

    @Override
    public Burst burst() throws InterruptedException {
        return load.burst(burst);
    }

    @Override
    public Duration pacerLag() {
        return load.pacing().lagP99();
    }

    @Override
    public RecoveryTimes awaitRecovery(long windowFromNanos, long fromNanos, Duration bound)
            throws InterruptedException {
        var deadline = RunClock.now() + bound.toNanos();
        var back = Waiting.becomes(
                "every member is back",
                bound,
                () -> environment.targets().stream().allMatch(Target::ready));
        var backAt = RunClock.now();
        queuer.join();
        if (faultSince.isPresent()) {
            outcome(queueing);
        }
        if (back) {
            paths.membersBackAt(backAt);
        }
        paths.awaitClusterRto(fromNanos, left(deadline));
        outages.awaitServiceRto(fromNanos, left(deadline));
        var cluster = paths.recoveredAt(fromNanos);
        var service = outages.recoveredAt(fromNanos);
        var watchedUntil = RunClock.now();
        var windows = outages.outages(windowFromNanos, watchedUntil);
        return new RecoveryTimes(
                boxed(service),
                boxed(cluster),
                back ? Optional.of(backAt) : Optional.empty(),
                windows.stream().map(OutageWindow::toOutage).toList(),
                watchedUntil,
                "service RTO " + since(fromNanos, service) + ", cluster RTO " + since(fromNanos, cluster)
                        + (back ? "" : ", not every member is back") + ", outages "
                        + windows.stream()
                                .map(OutageWindow::length)
                                .map(LiveInstruments::millis)
                                .toList());
    }

    private static void outcome(FutureTask<Integer> queueing) throws InterruptedException {
        try {
            var unused = queueing.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("messages for persistent sessions could not be queued", e.getCause());
        }
    }

    /** Never below the 3 s that recovery must be sustained: what has happened by the deadline must still be seen. */
    private static Duration left(long deadline) {
        return Duration.ofNanos(
                Math.max(deadline - RunClock.now(), Duration.ofSeconds(4).toNanos()));
    }

    private static String since(long fromNanos, OptionalLong at) {
        return at.isPresent() ? millis(RunClock.between(fromNanos, at.getAsLong())) : "not reached";
    }

    private static String millis(Duration duration) {
        return duration.toMillis() + " ms";
    }

    private static Optional<Long> boxed(OptionalLong value) {
        return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
    }

    @Override
    public CheckResult checklist(List<Target> before, Map<String, Restart> restarts) throws InterruptedException {
        var since = RunClock.now();
        var expected = plan.publishers() + plan.subscribers();
        // Clients may still be connecting again: a bounded wait, whose outcome the line reports.
        Waiting.becomes("clients reconnect", SETTLE_BOUND, () -> connected() >= expected);
        var now = environment.targets();
        return new Checklist()
                .members(before, now)
                .processes(before, now, restarts)
                .ports(now, environment::portProblem)
                .routes(paths.awaitPathsSince(since, SETTLE_BOUND), since)
                .clients(connected(), expected)
                .endpoints(
                        ServiceCheck.serve(environment.endpoints(), environment.credentials(), SETTLE_BOUND),
                        environment.credentials().isPresent())
                .add(sessions.check())
                .add(retained.check())
                .result();
    }

    private int connected() {
        return environment.endpoints().stream()
                .mapToInt(endpoint -> load.connectedTo(endpoint.target()))
                .sum();
    }

    @Override
    public boolean awaitAcknowledged(long count, Duration bound) {
        return Waiting.becomes(
                count + " messages are acknowledged",
                bound,
                () -> ledger.acknowledgedBetween(madeAt, RunClock.now()) >= count);
    }

    @Override
    public void drain(Duration bound) throws InterruptedException {
        load.drain(bound);
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public Judgement judge() {
        load.warnings().forEach(findings::note);
        var pacing = load.pacing();
        findings.note("load: " + plan + "; " + pacing.withheld() + " of " + pacing.intended()
                + " intended messages withheld, pacer lag p99 " + millis(pacing.lagP99()) + ", max "
                + millis(pacing.lagMax()));
        findings.note("load average of this machine: "
                + String.format(
                        Locale.ROOT,
                        "%.1f on %d processors",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        Runtime.getRuntime().availableProcessors()));
        PeakMemory.mebibytes().ifPresent(peak -> findings.note("peak RSS of this JVM: " + peak + " MiB"));
        return ledger.judge();
    }

    @Override
    public int connectedTo(String target) {
        return load.connectedTo(target);
    }

    @Override
    public Optional<Duration> clientReconnect() {
        if (faultSince.isEmpty()) {
            return Optional.empty();
        }
        var reconnects = load.reconnects(faultSince.getAsLong());
        return reconnects.reconnects() == 0 ? Optional.empty() : Optional.of(reconnects.median());
    }

    @Override
    public MqttClients clients() {
        return clients;
    }

    @Override
    public void close() throws InterruptedException {
        var left = new ArrayList<String>();
        // Each is tried whatever became of the one before.
        var problems = new ArrayList<RuntimeException>();
        queueing.cancel(true);
        queuer.join();
        for (var closing : Stream.<Runnable>of(load::close, paths::close, outages::close, held::close, clients::close)
                .toList()) {
            try {
                closing.run();
            } catch (RuntimeException e) {
                problems.add(e);
            }
        }
        left.addAll(load.remainingSessions());
        left.addAll(sessions.remove());
        left.addAll(retained.remove());
        sessions.close();
        retained.close();
        if (!left.isEmpty()) {
            problems.add(new IllegalStateException(
                    "left in the broker: " + left.size() + " sessions or retained messages, e.g. "
                            + left.subList(0, Math.min(3, left.size())) + "; they expire by themselves"));
        }
        if (!problems.isEmpty()) {
            var first = problems.remove(0);
            problems.forEach(first::addSuppressed);
            throw first;
        }
    }
}
