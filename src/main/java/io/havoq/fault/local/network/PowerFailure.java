package io.havoq.fault.local.network;

import io.havoq.fault.Proof;
import io.havoq.fault.local.probe.Reading;
import io.havoq.fault.local.process.Power;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The links of a node whose power fails, as seen by the switch that cuts them and by datagrams from where clients are. The
 * sandbox answers those in the node's namespace, whether its process lives or not: that they stay away is due to the links alone.
 * Thread-safe.
 */
public final class PowerFailure implements Power.Failure {
    private static final int DATAGRAMS = 10;
    private static final int PAYLOAD = 64;
    /** All of them are on their way before the node can have been started again. */
    private static final Duration INTERVAL = Duration.ofMillis(1);
    /** What an answer takes at most where nothing holds it up, on a loaded machine. */
    private static final Duration PROMPT = Duration.ofMillis(500);

    private final NetworkControl control;
    private final String node;
    private final Pair pair;
    private final Reading before;
    private final long cutBefore;
    private @Nullable CompletableFuture<Proof> witness;
    private @Nullable Proof counted;

    private PowerFailure(NetworkControl control, String node) {
        this.control = control;
        this.node = node;
        this.pair = new Pair(NetworkControl.CLIENTS, node);
        this.before = ping();
        this.cutBefore = control.cutPackets(node);
    }

    /** Sends datagrams to the node while it has power. */
    public static PowerFailure prepare(NetworkControl control, String node) {
        return new PowerFailure(control, node);
    }

    private Reading ping() {
        return control.ping(pair, DATAGRAMS, INTERVAL, PAYLOAD, PROMPT);
    }

    @Override
    public synchronized void begin() {
        control.powerOff(node);
        // Nobody waits for it: the processes of a machine without power end at once.
        var sent = new CompletableFuture<Proof>();
        witness = sent;
        Together.onThread(() -> look(sent));
    }

    private void look(CompletableFuture<Proof> sent) {
        try {
            var now = ping();
            if (before.arrived() > 0 && now.sent() > 0 && now.arrived() == 0) {
                sent.complete(new Proof(node, told(now) + "; before: " + told(before), System.nanoTime(), true));
            }
        } catch (RuntimeException e) {
            sent.completeExceptionally(e);
        }
    }

    private static String told(Reading reading) {
        return String.format(
                Locale.ROOT,
                "%d of %d datagrams from %s to %s arrived",
                reading.arrived(),
                reading.sent(),
                reading.source(),
                reading.destination());
    }

    @Override
    public synchronized Optional<Proof> counted() {
        if (counted == null && witness != null) {
            long cut = control.cutPackets(node) - cutBefore;
            if (cut > 0) {
                counted = new Proof(
                        node, cut + " packets from or to it were dropped at its cut links", System.nanoTime(), false);
            }
        }
        return Optional.ofNullable(counted);
    }

    @Override
    public synchronized Optional<Proof> seen() {
        var sent = witness;
        return sent != null && sent.isDone()
                ? Optional.of(Together.all(List.of(sent)).get(0))
                : Optional.empty();
    }

    @Override
    public boolean over() {
        var now = ping();
        return now.sent() > 0 && now.answered() >= before.answered();
    }
}
