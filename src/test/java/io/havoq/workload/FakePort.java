package io.havoq.workload;

import io.havoq.ledger.Outcome;
import io.havoq.mqtt.PublishOutcome;
import io.havoq.time.RunClock;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/** A client that is connected when the test says so and answers when the test says so. */
final class FakePort implements PublishPort {
    final Deque<Consumer<PublishOutcome>> waiting = new ArrayDeque<>();
    Optional<String> node = Optional.of("n0");
    int published;
    boolean answersAtOnce;

    @Override
    public Optional<String> node() {
        return node;
    }

    @Override
    public void publish(String topic, int qos, ByteBuffer payload, Consumer<PublishOutcome> done) {
        published++;
        if (answersAtOnce) {
            done.accept(new PublishOutcome(Outcome.ACKNOWLEDGED, "test", RunClock.now()));
        } else {
            waiting.add(done);
        }
    }

    void answer(Outcome outcome) {
        waiting.remove().accept(new PublishOutcome(outcome, "test", RunClock.now()));
    }
}
