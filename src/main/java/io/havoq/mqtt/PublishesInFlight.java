package io.havoq.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.pubcomp.Mqtt5PubCompReasonCode;
import io.havoq.ledger.Outcome;
import io.havoq.time.RunClock;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The publishes of one client that wait for their outcome; each is told its outcome exactly once. Thread-safe. */
final class PublishesInFlight {
    private final Function<Mqtt5Publish, CompletableFuture<?>> sending;
    private final Supplier<@Nullable String> lastProblem;
    private final Set<Pending> pending = ConcurrentHashMap.newKeySet();
    private final Object attaching = new Object();
    private volatile boolean givenUp;

    // Touched on the event loop only.
    private @Nullable Mqtt5PubCompReasonCode pubComp;

    private static final class Pending {
        private final MqttQos qos;
        private final Consumer<PublishOutcome> done;
        private final AtomicBoolean finished = new AtomicBoolean();
        private volatile @Nullable CompletableFuture<?> future;

        Pending(MqttQos qos, Consumer<PublishOutcome> done) {
            this.qos = qos;
            this.done = done;
        }
    }

    /**
     * None so far.
     *
     * @param sending hands a message to the client library
     * @param lastProblem why the client is not connected, for people
     */
    PublishesInFlight(Function<Mqtt5Publish, CompletableFuture<?>> sending, Supplier<@Nullable String> lastProblem) {
        this.sending = sending;
        this.lastProblem = lastProblem;
    }

    /** Publishes; the outcome is told on the event loop or on the caller's thread. */
    void send(Mqtt5Publish message, Consumer<PublishOutcome> done) {
        var publish = new Pending(message.getQos(), done);
        pending.add(publish);
        synchronized (attaching) {
            var future = sending.apply(message);
            publish.future = future;
            var unused = future.whenComplete((result, error) -> finish(publish, error));
        }
        if (givenUp) {
            giveUp(publish);
        }
    }

    /** Called right before the library completes the publish that this PUBCOMP belongs to, in the same step. */
    void completing(Mqtt5PubCompReasonCode reason) {
        // Waits until the publish has its callback, if the publishing thread is just about to attach it.
        synchronized (attaching) {
            pubComp = reason;
        }
    }

    /** What is completed from now on is not completed by a PUBCOMP that came before. */
    void connectionEnded() {
        pubComp = null;
    }

    private void finish(Pending publish, @Nullable Throwable error) {
        Mqtt5PubCompReasonCode completedBy = null;
        if (publish.qos == MqttQos.EXACTLY_ONCE && error == null) {
            // PUBCOMP's interceptor and this completion are one step on the event loop.
            completedBy = pubComp;
            pubComp = null;
        }
        finish(publish, PublishOutcome.of(publish.qos, error, completedBy, RunClock.now()));
    }

    private void finish(Pending publish, PublishOutcome outcome) {
        if (publish.finished.compareAndSet(false, true)) {
            pending.remove(publish);
            publish.done.accept(outcome);
        }
    }

    /** Ends the wait of all, and of those still to come: their outcome is unknown. */
    void giveUp() {
        givenUp = true;
        pending.forEach(this::giveUp);
    }

    private void giveUp(Pending publish) {
        finish(
                publish,
                new PublishOutcome(Outcome.UNKNOWN, "the client gave up: " + lastProblem.get(), RunClock.now()));
        var future = publish.future;
        if (future != null) {
            future.cancel(true);
        }
    }
}
