package io.havoq.recovery;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Measures the cluster RTO: a client on each node, which never goes to another, publishes at QoS 1 to every other node's client
 * all the time, so that each of the N x (N-1) paths through the cluster is known to work or not at any moment. All results come
 * from the timestamps of the messages that arrived. Thread-safe.
 */
public final class PathProbe implements AutoCloseable {
    // A message that takes longer than this many of its path's later ones is not counted when it arrives.
    private static final int REMEMBERED = 256;

    private final Continuity continuity;
    private final long paceNanos;
    private final long stallNanos;
    private final List<ProbeLink> links = new ArrayList<>();
    private final List<Path> paths = new ArrayList<>();
    private final Map<String, Path> byTopic = new HashMap<>();
    private final Pulse pulse;
    private volatile OptionalLong membersBack = OptionalLong.empty();

    /**
     * A probe of the paths between these endpoints, which must be at least two; nothing happens before {@link #start()}.
     */
    public PathProbe(
            ProbeScope scope, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Settings settings) {
        if (endpoints.size() < 2) {
            throw new IllegalArgumentException(
                    "there are paths between two nodes or more: expected at least 2 MQTT endpoints, got " + endpoints);
        }
        this.continuity =
                Continuity.of(settings.get(RecoverySettings.PATH_GAP), settings.get(RecoverySettings.SUSTAIN));
        this.paceNanos = settings.get(RecoverySettings.PATH_PACE).toNanos();
        this.stallNanos = settings.get(RecoverySettings.STALL_TIMEOUT).toNanos();
        var clients = new ProbeClients(credentials, settings);
        var retryNanos = settings.get(RecoverySettings.RECONNECT_DELAY).toNanos();
        for (var to = 0; to < endpoints.size(); to++) {
            var topics = new ArrayList<String>();
            for (var from = 0; from < endpoints.size(); from++) {
                if (from != to) {
                    topics.add(scope.topic("path/" + from + "/" + to));
                }
            }
            links.add(new ProbeLink(endpoints.get(to), clients, scope, "path", topics, retryNanos, publish -> {
                var path = byTopic.get(publish.getTopic().toString());
                if (path != null) {
                    path.arrived(ByteBuffer.wrap(publish.getPayloadAsBytes()));
                }
            }));
        }
        for (var from : links) {
            for (var to : links) {
                if (from != to) {
                    var topic = scope.topic("path/" + links.indexOf(from) + "/" + links.indexOf(to));
                    // Paths take turns, so that they do not all send in the same instant.
                    var offset = paceNanos * paths.size() / ((long) links.size() * (links.size() - 1));
                    var path = new Path(from, to.endpoint(), topic, offset);
                    paths.add(path);
                    byTopic.put(topic, path);
                }
            }
        }
        this.pulse = new Pulse("havoq-path-probe", Duration.ofNanos(paceNanos / paths.size()), this::step);
    }

    /** Begins to connect and to probe; returns at once. */
    public void start() {
        pulse.start();
    }

    /** Waits until every path has worked once, which is the steady state; false if the bound passed first. */
    public boolean awaitEveryPath(Duration bound) throws InterruptedException {
        return pulse.await(
                        () -> paths.stream()
                                        .allMatch(path -> path.trips.timeline().size() > 0)
                                ? Optional.of(true)
                                : Optional.empty(),
                        bound)
                .isPresent();
    }

    /**
     * Tells when all members were back, running and ready: the cluster is not whole before. A time before the one from which
     * recovery is counted says nothing about it and is ignored, so it must be told anew after every fault, also after one that took no
     * member away.
     */
    public void membersBackAt(long nanos) {
        membersBack = OptionalLong.of(nanos);
    }

    /**
     * When the cluster was whole again after {@code from}: the first instant from which on every path worked for 3 s, all members
     * being back. Empty while that has not happened, or while {@link #membersBackAt} has not been told since {@code from}.
     */
    public OptionalLong recoveredAt(long fromNanos) {
        pulse.mustWork();
        var back = membersBack;
        if (back.isEmpty() || back.getAsLong() - fromNanos < 0) {
            return OptionalLong.empty();
        }
        return continuity.recoveredAll(
                paths.stream().map(path -> path.trips.timeline()).toList(),
                fromNanos,
                back.getAsLong(),
                pulse.stalls());
    }

    /** The time from {@code from} to {@link #recoveredAt}: the cluster RTO. */
    public Optional<Duration> clusterRto(long fromNanos) {
        return OutageProbe.rto(fromNanos, recoveredAt(fromNanos));
    }

    /** Waits for {@link #clusterRto}, which takes at least the 3 s that every path must hold; empty if the bound passed first. */
    public Optional<Duration> awaitClusterRto(long fromNanos, Duration bound) throws InterruptedException {
        return pulse.await(() -> clusterRto(fromNanos), bound);
    }

    /** Waits until every path has carried a message sent at or after {@code from}; the states tell which did not. */
    public List<PathState> awaitPathsSince(long fromNanos, Duration bound) throws InterruptedException {
        var unused = pulse.await(
                () -> states().stream().allMatch(state -> state.worksSince(fromNanos))
                        ? Optional.of(true)
                        : Optional.empty(),
                bound);
        return states();
    }

    /** Which paths have never carried a message, and what is wrong at the nodes at their ends; for people. */
    public String neverWorked() {
        var silent =
                paths.stream().filter(path -> path.trips.timeline().size() == 0).toList();
        var ends = links.stream()
                .filter(link -> silent.stream().anyMatch(path -> path.link == link || path.to.equals(link.endpoint())))
                .toList();
        return silent.size() + " of " + paths.size() + " paths: "
                + silent.stream()
                        .map(path -> path.link.endpoint().target() + ">" + path.to.target())
                        .collect(Collectors.joining(", "))
                + "; " + LinkProblem.ofNodes(ends)
                + (ends.stream()
                                .anyMatch(link -> link.openSince() == null
                                        || link.problem().isPresent())
                        ? ""
                        : ": messages do not get from node to node, are these nodes one cluster?");
    }

    /** Every path as it is now. */
    public List<PathState> states() {
        pulse.mustWork();
        return paths.stream().map(Path::state).toList();
    }

    private void step() {
        var now = RunClock.now();
        for (var link : links) {
            link.tend(now);
        }
        for (var path : paths) {
            if (path.tend(now)) {
                path.link.recycle("connected and subscribed, but it did not acknowledge a QoS 1 publish within "
                        + GoDuration.format(Duration.ofNanos(stallNanos)));
            }
        }
    }

    /** Ends the thread and the connections; the records stay readable. Idempotent. */
    @Override
    public void close() {
        pulse.close();
        ProbeLink.end(links);
    }

    /** One path: at most one message unacknowledged at a time; one that never arrives does not hold up the next. */
    private final class Path {
        private final ProbeLink link;
        private final MqttEndpoint to;
        private final String topic;
        private final RoundTrips trips = new RoundTrips();
        private final long[] begun = new long[REMEMBERED];

        private long sequence;
        private long dueNanos;
        private boolean unacknowledged;
        private @Nullable Long openSince;
        private OptionalLong lastBegun = OptionalLong.empty();
        private OptionalLong lastArrived = OptionalLong.empty();
        private int arrivals;

        Path(ProbeLink link, MqttEndpoint to, String topic, long offsetNanos) {
            this.link = link;
            this.to = to;
            this.topic = topic;
            this.dueNanos = RunClock.now() + offsetNanos;
        }

        /** Sends if it is time; true if the link has stalled. */
        boolean tend(long now) {
            long mine;
            var open = link.openSince();
            synchronized (this) {
                if (open == null || !open.equals(openSince)) {
                    openSince = open;
                    unacknowledged = false;
                }
                if (open == null) {
                    return false;
                }
                if (unacknowledged) {
                    return now - begun[slot(sequence)] > stallNanos;
                }
                if (now - dueNanos < 0) {
                    return false;
                }
                dueNanos = now - dueNanos > paceNanos ? now + paceNanos : dueNanos + paceNanos;
                mine = ++sequence;
                begun[slot(mine)] = RunClock.now();
                unacknowledged = true;
            }
            link.publish(topic, ByteBuffer.allocate(Long.BYTES).putLong(mine).array(), success -> acknowledged(mine));
            return false;
        }

        /** Acknowledged or failed: either way the next may be sent. */
        private synchronized void acknowledged(long of) {
            if (of == sequence) {
                unacknowledged = false;
            }
        }

        private synchronized void arrived(ByteBuffer payload) {
            if (payload.remaining() != Long.BYTES) {
                return;
            }
            var arrived = payload.getLong();
            if (arrived > sequence || arrived <= sequence - REMEMBERED || arrived < 1) {
                return;
            }
            var began = begun[slot(arrived)];
            lastArrived = OptionalLong.of(trips.complete(began));
            lastBegun = OptionalLong.of(began);
            arrivals++;
        }

        private synchronized PathState state() {
            return new PathState(link.endpoint().target(), to.target(), arrivals, lastBegun, lastArrived);
        }

        private static int slot(long sequence) {
            return (int) (sequence % REMEMBERED);
        }
    }
}
