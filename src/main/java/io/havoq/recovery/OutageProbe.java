package io.havoq.recovery;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Measures the service RTO and outages: a client that is free to choose any endpoint and completes QoS 1 round trips, publish to
 * PUBACK and back through its own subscription, one begun every 10 ms. It keeps a connection open to every node and takes them
 * in turn, so that failing over costs no connect; a node that does not answer holds up one round trip and no other. All results
 * come from the timestamps of completed round trips. Thread-safe.
 */
public final class OutageProbe implements AutoCloseable {
    private final Continuity continuity;
    private final long stallNanos;
    private final RoundTrips all = new RoundTrips();
    private final List<Lane> lanes = new ArrayList<>();
    private final Pulse pulse;
    private int next;

    /** A probe of these endpoints; nothing happens before {@link #start()}. */
    public OutageProbe(
            ProbeScope scope, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Settings settings) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("the service probe needs at least one MQTT endpoint, got none");
        }
        var gap = settings.get(RecoverySettings.SERVICE_GAP);
        this.continuity = Continuity.of(gap, settings.get(RecoverySettings.SUSTAIN));
        this.stallNanos = settings.get(RecoverySettings.STALL_TIMEOUT).toNanos();
        var clients = new ProbeClients(credentials, settings);
        var retryNanos = settings.get(RecoverySettings.RECONNECT_DELAY).toNanos();
        for (var endpoint : endpoints) {
            lanes.add(new Lane(endpoint, scope.topic("service/" + lanes.size()), clients, scope, retryNanos));
        }
        this.pulse = new Pulse("havoq-service-probe", settings.get(RecoverySettings.SERVICE_PACE), this::step);
    }

    /** Begins to connect and to probe; returns at once. */
    public void start() {
        pulse.start();
    }

    /** Waits until a round trip has completed at every endpoint, which is the steady state; false if the bound passed first. */
    public boolean awaitEveryEndpoint(Duration bound) throws InterruptedException {
        return pulse.await(
                        () -> lanes.stream()
                                        .allMatch(lane -> lane.trips.timeline().size() > 0)
                                ? Optional.of(true)
                                : Optional.empty(),
                        bound)
                .isPresent();
    }

    /** The nodes that have never completed a round trip, and what is wrong there; for people. */
    public String neverWorked() {
        return LinkProblem.ofNodes(lanes.stream()
                .filter(lane -> lane.trips.timeline().size() == 0)
                .map(lane -> lane.link)
                .toList());
    }

    /**
     * When service was there again after {@code from}: the completion of the first round trip, begun after {@code from}, of a run
     * that has lasted 3 s without a gap; if service never stopped that is the first round trip begun after {@code from}. Empty
     * while no run has lasted that long. What stops again later shows in {@link #outages}.
     */
    public OptionalLong recoveredAt(long fromNanos) {
        pulse.mustWork();
        return continuity.recovered(all.timeline(), fromNanos, pulse.stalls());
    }

    /** The time from {@code from} to {@link #recoveredAt}: the service RTO. */
    public Optional<Duration> serviceRto(long fromNanos) {
        return rto(fromNanos, recoveredAt(fromNanos));
    }

    /** Waits for {@link #serviceRto}, which takes at least the 3 s that service must last; empty if the bound passed first. */
    public Optional<Duration> awaitServiceRto(long fromNanos, Duration bound) throws InterruptedException {
        return pulse.await(() -> serviceRto(fromNanos), bound);
    }

    /** The times within an observed time in which no endpoint completed a round trip. */
    public List<OutageWindow> outages(long fromNanos, long untilNanos) {
        pulse.mustWork();
        return continuity.outages(all.timeline(), fromNanos, untilNanos, pulse.stalls());
    }

    /** The same for each node by itself: what a client that keeps to that node went through. */
    public Map<String, List<OutageWindow>> outagesByTarget(long fromNanos, long untilNanos) {
        pulse.mustWork();
        var outages = new LinkedHashMap<String, List<OutageWindow>>();
        for (var lane : lanes) {
            outages.put(
                    lane.link.endpoint().target(),
                    continuity.outages(lane.trips.timeline(), fromNanos, untilNanos, pulse.stalls()));
        }
        return outages;
    }

    /** How many round trips completed within a time. */
    public int completed(long fromNanos, long untilNanos) {
        return all.timeline().completedWithin(fromNanos, untilNanos);
    }

    static Optional<Duration> rto(long fromNanos, OptionalLong recoveredNanos) {
        return recoveredNanos.isEmpty()
                ? Optional.empty()
                : Optional.of(RunClock.between(fromNanos, recoveredNanos.getAsLong()));
    }

    private void step() {
        var now = RunClock.now();
        for (var lane : lanes) {
            lane.tend(now);
        }
        for (var i = 0; i < lanes.size(); i++) {
            var lane = lanes.get((next + i) % lanes.size());
            if (lane.attempt(now)) {
                next = (next + i + 1) % lanes.size();
                return;
            }
        }
    }

    /** Ends the thread and the connections; the records stay readable. Idempotent. */
    @Override
    public void close() {
        pulse.close();
        ProbeLink.end(lanes.stream().map(lane -> lane.link).toList());
    }

    /** The round trips at one node, one outstanding at a time. */
    private final class Lane {
        private final String topic;
        private final ProbeLink link;
        private final RoundTrips trips = new RoundTrips();

        private long sequence;
        private long beganNanos;
        private boolean outstanding;
        private boolean acknowledged;
        private boolean arrived;
        // Since when this connection has completed nothing: its opening, or its last completion.
        private long idleSinceNanos;
        private @Nullable Long openSince;

        Lane(MqttEndpoint endpoint, String topic, ProbeClients clients, ProbeScope scope, long retryNanos) {
            this.topic = topic;
            this.link = new ProbeLink(
                    endpoint,
                    clients,
                    scope,
                    "service",
                    List.of(topic),
                    retryNanos,
                    publish -> arrived(ByteBuffer.wrap(publish.getPayloadAsBytes())));
        }

        void tend(long now) {
            link.tend(now);
            var open = link.openSince();
            synchronized (this) {
                if (open == null || !open.equals(openSince)) {
                    openSince = open;
                    outstanding = false;
                    idleSinceNanos = open == null ? now : open;
                    return;
                }
                if (!outstanding || now - idleSinceNanos <= stallNanos) {
                    return;
                }
                outstanding = false;
            }
            link.recycle("connected and subscribed, but no QoS 1 round trip through it completed within "
                    + GoDuration.format(Duration.ofNanos(stallNanos)));
        }

        /** Begins a round trip if the link is open and the last one is over, or acknowledged and long overdue. */
        boolean attempt(long now) {
            long mine;
            synchronized (this) {
                var overdue = acknowledged && now - beganNanos > stallNanos;
                if (openSince == null || (outstanding && !overdue)) {
                    return false;
                }
                outstanding = true;
                acknowledged = false;
                arrived = false;
                beganNanos = RunClock.now();
                mine = ++sequence;
            }
            link.publish(
                    topic,
                    ByteBuffer.allocate(Long.BYTES).putLong(mine).array(),
                    success -> acknowledged(mine, success));
            return true;
        }

        private synchronized void acknowledged(long of, boolean success) {
            if (of == sequence && outstanding) {
                acknowledged = success;
                outstanding = success;
                completeIfBoth();
            }
        }

        private synchronized void arrived(ByteBuffer payload) {
            if (payload.remaining() == Long.BYTES && payload.getLong() == sequence && outstanding) {
                arrived = true;
                completeIfBoth();
            }
        }

        private void completeIfBoth() {
            if (acknowledged && arrived) {
                outstanding = false;
                idleSinceNanos = trips.complete(beganNanos);
                var unused = all.complete(beganNanos);
            }
        }
    }
}
