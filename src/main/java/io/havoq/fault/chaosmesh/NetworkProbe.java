package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.OtherEnd.End;
import io.havoq.fault.chaosmesh.Sight.Blind;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;

/**
 * Sees a NetworkChaos in round trips from the target to the other side, measured within the target before and under it. A ping is there and
 * back, so that it meets faults of either direction.
 */
final class NetworkProbe implements EffectProbe {
    /** At five a second, for what happens to every packet. */
    private static final int FEW = 5;

    /** For what happens to a share of them. */
    private static final int MANY = 20;

    private static final int SMALL = 56;

    /** Fragments of which fill a slow link's queue. */
    private static final int LARGE = 60_000;

    /** A difference that the clock and a busy machine can tell apart. */
    private static final double LEAST_MILLIS = 5;

    private final NetworkChaos chaos;
    private final Shell shell;
    private final String container;
    private final Optional<End> end;
    private Optional<RoundTrips> normal = Optional.empty();
    private Optional<RoundTrips> sum = Optional.empty();
    private String blind = "";

    NetworkProbe(NetworkChaos chaos, Shell shell, String container, Optional<End> end) {
        this.chaos = chaos;
        this.shell = shell;
        this.container = container;
        this.end = end;
    }

    @Override
    public void before(PodView pod) {
        if (end.isEmpty()) {
            blind = "nobody is known whom " + pod.fullName() + " could ask for an answer";
            return;
        }
        var attempt = RoundTrips.measure(shell, pod, container, end.get(), FEW, payload());
        normal = attempt.trips();
        if (normal.isEmpty()) {
            blind = attempt.why();
        } else if (normal.get().received() == 0) {
            blind = "round trips to " + end.get().name() + " fail without the fault too: " + normal.get();
        }
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
        var shares = chaos.netem().loss().isPresent()
                || chaos.netem().duplicate().isPresent()
                || chaos.netem().corrupt().isPresent();
        var attempt =
                RoundTrips.measure(shell, pod.get(), container, end.orElseThrow(), shares ? MANY : FEW, payload());
        if (attempt.trips().isEmpty()) {
            return new NotYet(attempt.why());
        }
        sum = Optional.of(sum.map(before -> before.plus(attempt.trips().get()))
                .orElse(attempt.trips().get()));
        return judge(normal.orElseThrow(), attempt.trips().get(), sum.get());
    }

    /** Everything that the fault does must show. */
    private Sight judge(RoundTrips before, RoundTrips now, RoundTrips all) {
        var text = "round trips to " + end.orElseThrow().name() + ": " + now + "; before " + before;
        if (chaos.networkAction() == NetworkChaos.Action.PARTITION) {
            return now.received() == 0 ? new Seen(text) : new NotYet(text);
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
            var burst = chaos.bandwidth().map(Bandwidth::bufferBytes).orElse(0L);
            var expected = 1000 * (LARGE - burst) / rate;
            if (expected < LEAST_MILLIS || !now.byPing()) {
                blind = "a rate of " + rate + " bytes per second cannot be seen in single round trips";
            } else if (!slower(before, now, expected / 2)) {
                missing.add("not slower");
            }
        });
        chaos.netem().loss().ifPresent(loss -> {
            if (all.lossPercent() - before.lossPercent() < loss.percent() / 4) {
                missing.add("no loss");
            }
        });
        chaos.netem().corrupt().ifPresent(corrupt -> {
            // The checksum lets a receiver drop it.
            if (all.lossPercent() - before.lossPercent() < corrupt.percent() / 4) {
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

    /** With every answer lost there is no time to compare. */
    private static boolean slower(RoundTrips before, RoundTrips now, double millis) {
        return before.medianMillis().isPresent()
                && now.medianMillis().isPresent()
                && now.medianMillis().getAsDouble() - before.medianMillis().getAsDouble() >= millis;
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        if (!blind.isEmpty() || normal.isEmpty()) {
            return new Blind(blind);
        }
        if (pod.isEmpty()) {
            return new NotYet("the pod is gone");
        }
        var attempt = RoundTrips.measure(shell, pod.get(), container, end.orElseThrow(), FEW, payload());
        if (attempt.trips().isEmpty()) {
            return new NotYet(attempt.why());
        }
        var now = attempt.trips().get();
        var text = String.format(
                Locale.ROOT, "round trips to %s: %s", end.orElseThrow().name(), now);
        var latency = chaos.netem()
                .delay()
                .map(delay -> delay.latency().toNanos() / 1e6)
                .or(() -> rate().map(rate -> 1000 * LARGE / rate))
                .orElse(Double.MAX_VALUE);
        return now.received() == 0 || slower(normal.get(), now, Math.max(LEAST_MILLIS, latency / 2))
                ? new NotYet(text)
                : new Seen(text);
    }
}
