package io.havoq.experiment;

import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.Target;
import io.havoq.ledger.Judgement;
import io.havoq.ledger.Ledger;
import io.havoq.ledger.Outcome;
import io.havoq.ledger.PublisherLog;
import io.havoq.ledger.SubscriberLog;
import io.havoq.mqtt.MqttClients;
import io.havoq.recovery.CheckResult;
import io.havoq.recovery.RefusalCheck;
import io.havoq.recovery.Restart;
import io.havoq.recovery.ServiceCheck;
import io.havoq.report.ExperimentResult.Outage;
import io.havoq.time.RunClock;
import io.havoq.workload.Burst;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Instruments of the {@link ScriptedEnvironment}: a real ledger, fed by hand. */
final class ScriptedInstruments implements Instruments {
    private static final int MESSAGES = 700;

    private final ScriptedEnvironment script;
    private final Ledger ledger = new Ledger(1, 64);
    private final PublisherLog publisher = ledger.publisher(1, "publisher", "havoq/t");
    private final SubscriberLog subscriber = ledger.subscriber(1, "subscriber", "havoq/t");

    private final List<ByteBuffer> late = new ArrayList<>();
    private boolean hung;
    private long actsSince;

    ScriptedInstruments(ScriptedEnvironment script) {
        this.script = script;
    }

    @Override
    public void start(Duration steadyBound) {
        script.write("load");
        if (script.happens("no-load") || (script.concluded && script.happens("not-steady-again"))) {
            throw new IllegalStateException("no client could connect");
        }
        if (script.happens("interrupted-again") && script.concluded && !script.interrupted) {
            script.interrupted = true;
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the clients connected");
        }
        script.loaded = true;
        subscriber.connected("emqx-go-0", false, RunClock.now());
        subscriber.subscribed(script.happens("grants-qos-0") ? 0 : 2, RunClock.now());
    }

    @Override
    public void observe(Duration span) {}

    @Override
    public AutoCloseable pressOn(Collection<String> targets) {
        return () -> {};
    }

    @Override
    public Exposure exposure(Collection<String> targets, long sinceNanos, boolean cut) {
        if (script.happens("ends-itself-late") && !cut) {
            return new Exposure(0, 0);
        }
        return script.happens("nothing-outstanding") ? new Exposure(3, 0) : new Exposure(3, 5);
    }

    @Override
    public void faultActs(long sinceNanos) {
        actsSince = sinceNanos;
    }

    @Override
    public List<ServiceCheck.Served> serve(List<MqttEndpoint> endpoints, Duration bound) {
        script.write("serve " + targets(endpoints));
        return endpoints.stream()
                .map(endpoint -> new ServiceCheck.Served(
                        endpoint, !script.happens("majority-is-silent"), bound, "scripted within " + bound))
                .toList();
    }

    @Override
    public List<RefusalCheck.Refusal> refusal(List<MqttEndpoint> endpoints, Duration bound, Duration span) {
        script.write("refusal " + targets(endpoints) + " within " + bound + " for " + span);
        return endpoints.stream()
                .map(endpoint -> new RefusalCheck.Refusal(
                        endpoint,
                        !script.happens("never-served"),
                        !script.happens("minority-accepts"),
                        7,
                        script.happens("minority-accepts") ? "accepted a new connection" : "refused 7 connections"))
                .toList();
    }

    private static List<String> targets(List<MqttEndpoint> endpoints) {
        return endpoints.stream().map(MqttEndpoint::target).toList();
    }

    @Override
    public Burst burst() {
        script.write("burst");
        var perSecond = script.happens("burst-carries-nothing") ? 0 : actsSince == 0 ? 1000 : 650;
        return new Burst(perSecond, Duration.ofSeconds(1), perSecond, Optional.empty());
    }

    @Override
    public Duration pacerLag() {
        return Duration.ofMillis(script.happens("overloaded") ? 243 : 12);
    }

    @Override
    public RecoveryTimes awaitRecovery(long windowFromNanos, long fromNanos, Duration bound)
            throws InterruptedException {
        script.write("recovery");
        if (script.happens("recovery-hangs-once") && !hung) {
            hung = true;
            new CountDownLatch(1).await();
        }
        if (!script.happens("no-evidence")) {
            for (var i = 0; i < MESSAGES; i++) {
                var message = publisher.sending(1, "emqx-go-0", RunClock.now(), RunClock.now());
                publisher.outcome(1, message.sequence(), Outcome.ACKNOWLEDGED, RunClock.now(), "");
                if (i == MESSAGES - 1 && script.happens("one-is-late")) {
                    late.add(message.payload());
                } else if (i != MESSAGES / 2 || !script.happens("loses-one")) {
                    subscriber.delivered(
                            "havoq/t",
                            script.happens("grants-qos-0") ? 0 : 1,
                            false,
                            false,
                            message.payload(),
                            RunClock.now());
                }
            }
        }
        if (script.happens("recovers-after-40s") || script.happens("recovers-after-70s")) {
            var at = fromNanos
                    + Duration.ofSeconds(script.happens("recovers-after-70s") ? 70 : 40)
                            .toNanos();
            return new RecoveryTimes(
                    Optional.of(RunClock.now()), Optional.of(at), Optional.of(at), List.of(), at, "recovered late");
        }
        if (script.happens("cluster-never-whole")) {
            // As the time would pass if it did: the bound is given in full once no node is kept down any more.
            var watched = bound.plusSeconds(script.happens("restarts-waited-30s") ? 30 : 0);
            return new RecoveryTimes(
                    Optional.of(RunClock.now()),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    fromNanos + watched.toNanos(),
                    "never whole");
        }
        return script.happens("never-recovers")
                ? new RecoveryTimes(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        RunClock.now(),
                        "not recovered")
                : new RecoveryTimes(
                        Optional.of(RunClock.now()),
                        Optional.of(RunClock.now()),
                        Optional.of(RunClock.now()),
                        outages(windowFromNanos, fromNanos),
                        RunClock.now(),
                        "recovered");
    }

    private List<Outage> outages(long windowFromNanos, long removedNanos) {
        var hour = Duration.ofHours(1);
        var removed = RunClock.instant(removedNanos);
        if (script.happens("outage-during-fault")) {
            return List.of(new Outage(removed.minus(hour), removed.minusMillis(1), hour.toMillis()));
        }
        if (script.happens("outage-until-removal")) {
            return List.of(new Outage(removed.minusSeconds(14), removed.plusSeconds(2), 16_000));
        }
        if (script.happens("short-outage-at-removal")) {
            return List.of(new Outage(removed.minusMillis(300), removed.plusMillis(100), 400));
        }
        return List.of(new Outage(
                RunClock.instant(windowFromNanos),
                RunClock.instant(windowFromNanos).plusMillis(1),
                1));
    }

    @Override
    public CheckResult checklist(List<Target> before, Map<String, Restart> restarts) {
        if (script.happens("checklist-breaks")) {
            throw new IllegalStateException("the checklist broke");
        }
        return new CheckResult(List.of(), List.of());
    }

    @Override
    public boolean awaitAcknowledged(long count, Duration bound) {
        return ledger.acknowledgedBetween(0, RunClock.now()) >= count;
    }

    @Override
    public void drain(Duration bound) throws InterruptedException {
        script.write("drain");
        if (script.happens("drain-hangs") || (script.happens("drain-hangs-once") && !hung)) {
            hung = true;
            throw new InterruptedException("as a time-out does");
        }
        late.forEach(payload -> subscriber.delivered("havoq/t", 1, false, false, payload, RunClock.now()));
        late.clear();
        script.drained = true;
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public Judgement judge() {
        script.write("judge");
        return ledger.judge();
    }

    @Override
    public int connectedTo(String target) {
        return 1;
    }

    @Override
    public Optional<Duration> clientReconnect() {
        return Optional.empty();
    }

    @Override
    public MqttClients clients() {
        throw new UnsupportedOperationException("there is no broker in a script");
    }

    @Override
    public void close() {
        script.write("clean-up");
        if (script.happens("clean-up-fails")) {
            throw new IllegalStateException("3 sessions could not be removed");
        }
    }
}
