package io.havoq.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Gives every intended message to a publisher: the next in turn, or, if that one is not connected or has too much
 * outstanding, the next that can take it. What nobody can take is withheld and counted, never queued. One thread only.
 */
final class Dispatcher {
    private final List<LoadPublisher> publishers;
    private final QosDeck deck;
    private int turn;

    Dispatcher(List<LoadPublisher> publishers, QosMix mix, long seed) {
        this.publishers = new ArrayList<>(publishers);
        Collections.shuffle(this.publishers, new Random(seed));
        this.deck = new QosDeck(mix, seed);
    }

    /**
     * Sends one message.
     *
     * @return false if it was withheld
     */
    boolean dispatch(long intendedNanos) {
        var qos = deck.deal();
        for (var tried = 0; tried < publishers.size(); tried++) {
            var publisher = publishers.get(turn);
            turn = (turn + 1) % publishers.size();
            if (publisher.offer(qos, intendedNanos, Integer.MAX_VALUE)) {
                return true;
            }
        }
        return false;
    }
}
