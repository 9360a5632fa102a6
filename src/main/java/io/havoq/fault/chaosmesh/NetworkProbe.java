package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.OtherEnd.End;
import io.havoq.fault.chaosmesh.Sight.Blind;
import io.havoq.fault.chaosmesh.Sight.NotLooked;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Sees a NetworkChaos in round trips from the target to the other side, measured within the target before and under it. A ping is there and
 * back, so that it meets faults of either direction.
 */
final class NetworkProbe implements EffectProbe {
    /** At five a second, for what happens to every packet. */
    private static final int FEW = 5;

    /** For what happens to a share of them. */
    private static final int MANY = 20;

    /** Eight seconds of them: of a share of 5 % they show one with 87 %. */
    private static final int MOST = 40;

    private static final int SMALL = 56;

    /** Fragments of which fill a slow link's queue. */
    private static final int LARGE = 60_000;

    /** Of what is still there so many looks at a share of packets do not all miss it, unless it is below 3 %. */
    private static final int MOST_LOOKS = 10;

    /** A difference that the clock and a busy machine can tell apart. */
    private static final double LEAST_MILLIS = 5;

    private final NetworkChaos chaos;
    private final Pods pods;
    private final Shell shell;
    private final String container;
    private final Optional<End> end;
    /** Whether packets are lost on these ways by faults that were injected earlier. */
    private final boolean amidLoss;

    private final Optional<EchoCount> echoes;
    private Optional<RoundTrips> normal = Optional.empty();
    private Optional<RoundTrips> sum = Optional.empty();
    private Optional<String> shown = Optional.empty();
    private boolean lookedAgain;
    private String blind = "";

    /** The other side as it is now; not empty: why its silence tells nothing. */
    private record Peer(End end, String absent) {}

    NetworkProbe(NetworkChaos chaos, Pods pods, Shell shell, String container, Optional<End> end) {
        this(chaos, pods, shell, container, end, false);
    }

    private NetworkProbe(
            NetworkChaos chaos, Pods pods, Shell shell, String container, Optional<End> end, boolean amidLoss) {
        this.chaos = chaos;
        this.pods = pods;
        this.shell = shell;
        this.container = container;
        this.end = end;
        this.amidLoss = amidLoss;
        echoes = end.map(other -> new EchoCount(pods, shell, other));
    }

    @Override
    public EffectProbe amidOthers(boolean dropping) {
        return new NetworkProbe(chaos, pods, shell, container, end, dropping);
    }

    @Override
    public void before(PodView pod) {
        if (end.isEmpty()) {
            blind = "nobody is known whom " + pod.fullName() + " could ask for an answer";
            return;
        }
        var attempt = measure(pod, enough());
        normal = attempt.trips();
        if (dropped().isPresent()
                && normal.filter(trips -> amidLoss || trips.received() < trips.sent())
                        .isPresent()) {
            // How much is normal must be known well for anything to be more than that.
            normal = normal.map(
                    trips -> measure(pod, MOST).trips().map(trips::plus).orElse(trips));
        }
        if (normal.isEmpty()) {
            blind = attempt.why();
        } else if (normal.get().received() == 0) {
            blind = "round trips to " + end.get().name() + " fail before the injection too: " + normal.get();
        }
    }

    /** Where packets are lost anyway the other side is asked as well: what is taken on the other way is not this one's doing. */
    private RoundTrips.Attempt measure(PodView pod, int count) {
        if (!amidLoss || dropped().isEmpty()) {
            return RoundTrips.measure(shell, pod, container, end.orElseThrow(), count, payload());
        }
        var counted = echoes.orElseThrow();
        counted.begin();
        return RoundTrips.measure(shell, pod, container, end.orElseThrow(), count, payload())
                .arriving(counted.arrived());
    }

    private int payload() {
        return rate().isPresent() ? LARGE : SMALL;
    }

    private Optional<Double> rate() {
        return chaos.bandwidth()
                .map(Bandwidth::bytesPerSecond)
                .or(() -> chaos.netem().rate().map(Netem.Rate::bytesPerSecond));
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        if (!blind.isEmpty()) {
            return new Blind(blind);
        }
        if (pod.isEmpty()) {
            return new NotYet("the pod is gone");
        }
        var attempt = measure(pod.get(), enough());
        if (attempt.trips().isEmpty()) {
            return new NotLooked(attempt.why());
        }
        sum = Optional.of(sum.map(before -> before.plus(attempt.trips().get()))
                .orElse(attempt.trips().get()));
        return judge(normal.orElseThrow(), attempt.trips().get(), sum.get());
    }

    /** What was lost or came twice before is no word for what is now. */
    @Override
    public int lookAgain() {
        sum = Optional.empty();
        lookedAgain = true;
        var share = Stream.concat(
                        dropped().stream().boxed(), chaos.netem().duplicate().map(Netem.Duplicate::percent).stream())
                .mapToDouble(Double::doubleValue)
                .min();
        // With seven times as many packets as one of which is hit on average none is hit once in a thousand times.
        return share.isEmpty()
                ? EffectProbe.super.lookAgain()
                : (int) Math.max(
                        EffectProbe.super.lookAgain(),
                        Math.min(MOST_LOOKS, Math.ceil(700 / share.getAsDouble() / MANY)));
    }

    private int enough() {
        return chaos.netem().loss().isPresent()
                        || chaos.netem().duplicate().isPresent()
                        || chaos.netem().corrupt().isPresent()
                ? MANY
                : FEW;
    }

    /** So many that of a small share at least one is hit, most likely; not so many that an exec or the wait for its end is too short. */
    private int enoughForNone() {
        var least = Stream.concat(
                        dropped().stream().boxed(), chaos.netem().duplicate().map(Netem.Duplicate::percent).stream())
                .mapToDouble(Double::doubleValue)
                .min();
        return least.isEmpty() ? FEW : (int) Math.max(MANY, Math.min(MOST, Math.ceil(300 / least.getAsDouble())));
    }

    /** What a full queue adds to a large round trip: what goes at once by the buffer does not wait. */
    private double queueMillis(double bytesPerSecond) {
        return 1000 * (LARGE - chaos.bandwidth().map(Bandwidth::bufferBytes).orElse(0L)) / bytesPerSecond;
    }

    /** Everything that the fault does must show. */
    private Sight judge(RoundTrips before, RoundTrips now, RoundTrips all) {
        var text = "round trips to " + end.orElseThrow().name() + ": " + now + "; before " + before;
        if (chaos.networkAction() == NetworkChaos.Action.PARTITION) {
            return now.received() == 0 ? new Seen(text) : new NotYet(text);
        }
        if (now.received() == 0 && dropped().isEmpty()) {
            return new NotLooked("nobody answers, which is not what the fault does: " + text);
        }
        var missing = new ArrayList<String>();
        chaos.netem().delay().ifPresent(delay -> {
            var least = delay.latency().minus(delay.jitter()).toNanos() / 1e6 / 2;
            if (delay.latency().toNanos() / 1e6 < LEAST_MILLIS) {
                blind = "a delay of " + delay.latency() + " is too small to be told from the machine's own";
            } else if (!slower(before, now, Math.max(LEAST_MILLIS / 2, least))) {
                missing.add("no delay");
            }
        });
        rate().ifPresent(rate -> {
            var expected = queueMillis(rate);
            if (expected < LEAST_MILLIS || !now.byPing()) {
                blind = "a rate of " + rate + " bytes per second cannot be seen in single round trips";
            } else if (!slower(before, now, expected / 2)) {
                missing.add("not slower");
            }
        });
        chaos.netem().loss().ifPresent(loss -> {
            if (!lossier(before, all, loss.percent())) {
                missing.add("no loss");
            }
        });
        chaos.netem().corrupt().ifPresent(corrupt -> {
            // The checksum lets a receiver drop it.
            if (!lossier(before, all, corrupt.percent())) {
                missing.add("nothing was dropped as corrupt");
            }
        });
        chaos.netem().duplicate().ifPresent(twice -> {
            if (!all.byPing()) {
                blind = "duplicates cannot be seen in connections, only by ping";
            } else if (all.duplicates() == 0) {
                missing.add("no duplicates");
            }
        });
        if (!blind.isEmpty()) {
            return new Blind(blind);
        }
        var total = all.sent() > now.sent() ? "; in all " + all : "";
        return missing.isEmpty()
                ? new Seen(text + total)
                : new NotYet(String.join(", ", missing) + ": " + text + total);
    }

    /**
     * On a way of the fault's on which nothing was lost before any loss is its doing; where something was, or may have been though none of a few
     * showed it, it must be more than chance makes of it. That it is still there is not asked so strictly.
     */
    private boolean lossier(RoundTrips before, RoundTrips now, double percent) {
        return ways(before, now).anyMatch(way -> {
            var is = way.apply(now);
            var was = way.apply(before);
            if (lookedAgain && was.lost() == 0) {
                return is.lost() > 0;
            }
            return is.percent() - was.percent() >= percent / 4
                    && (lookedAgain || (was.lost() == 0 && !amidLoss) || is.surelyMoreThan(was));
        });
    }

    /** The ways that the fault is on, where they can be told apart; else there and back. */
    private Stream<Function<RoundTrips, LostShare>> ways(RoundTrips before, RoundTrips now) {
        if (!Stream.of(before, now).allMatch(RoundTrips::waysApart)) {
            return Stream.of(RoundTrips::lost);
        }
        return switch (chaos.direction()) {
            case TO -> Stream.of(RoundTrips::lostThere);
            case FROM -> Stream.of(RoundTrips::lostBack);
            case BOTH -> Stream.of(RoundTrips::lostThere, RoundTrips::lostBack);
        };
    }

    /** With every answer lost there is no time to compare. */
    private static boolean slower(RoundTrips before, RoundTrips now, double millis) {
        return before.medianMillis().isPresent()
                && now.medianMillis().isPresent()
                && now.medianMillis().getAsDouble() - before.medianMillis().getAsDouble() >= millis;
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        shown = Optional.empty();
        if (!blind.isEmpty() || normal.isEmpty()) {
            return new Blind(blind);
        }
        if (pod.isEmpty()) {
            return new NotYet("the pod is gone");
        }
        var peer = peer();
        var attempt = RoundTrips.measure(shell, pod.get(), container, peer.end(), enoughForNone(), payload());
        if (attempt.trips().isEmpty()) {
            return new NotYet(attempt.why());
        }
        return judgeAfter(normal.get(), attempt.trips().get(), peer);
    }

    /** Any of what the fault does that is still there is too much. */
    private Sight judgeAfter(RoundTrips before, RoundTrips now, Peer peer) {
        var text = "round trips to " + peer.end().name() + ": " + now + "; before " + before;
        var latency = chaos.netem()
                .delay()
                .map(delay -> delay.latency().toNanos() / 1e6)
                .or(() -> rate().map(this::queueMillis))
                .orElse(Double.MAX_VALUE);
        var late = slower(before, now, Math.max(LEAST_MILLIS, latency / 2));
        var twice = chaos.netem().duplicate().isPresent() && now.duplicates() > 0;
        var lossy = dropped().isPresent()
                && now.lossPercent() - before.lossPercent() >= dropped().getAsDouble() / 4;
        if (now.received() > 0 && !late && !twice && !lossy) {
            return new Seen(text);
        }
        // A pod's kernel answers pings whatever its process does, and connections only as long as that one takes them.
        var silent = chaos.networkAction() == NetworkChaos.Action.PARTITION
                ? now.received() == 0
                : lossy && (now.received() > 0 || dropped().orElse(0) >= 75);
        if (late || twice || (silent && now.byPing() && peer.absent().isEmpty())) {
            shown = Optional.of(text);
            return new NotYet(text);
        }
        return new NotYet(text + "; the fault cannot be told from "
                + (!peer.absent().isEmpty()
                        ? "a peer that is down: " + peer.absent()
                        : now.byPing() ? "another failure" : "a peer that does not accept any"));
    }

    /** The share that it takes out of what is sent. */
    private OptionalDouble dropped() {
        return Stream.concat(
                        chaos.netem().loss().map(Netem.Loss::percent).stream(),
                        chaos.netem().corrupt().map(Netem.Corrupt::percent).stream())
                .mapToDouble(Double::doubleValue)
                .min();
    }

    /** A pod that was replaced has another address. */
    private Peer peer() {
        var was = end.orElseThrow();
        if (was.namespace().isEmpty()) {
            return new Peer(was, "nobody knows whether " + was.name() + " runs");
        }
        try {
            var now = pods.find(was.namespace(), was.name());
            var to = now.map(PodView::ip)
                    .filter(ip -> !ip.isEmpty())
                    .map(was::at)
                    .orElse(was);
            if (now.isEmpty()) {
                return new Peer(to, was.name() + " is not there");
            }
            return new Peer(
                    to,
                    now.get().phase().equals("Running") && !now.get().terminating()
                            ? ""
                            : was.name() + " itself does not run");
        } catch (ApiException e) {
            return new Peer(was, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Optional<String> leftover(PodView pod) {
        return shown;
    }
}
