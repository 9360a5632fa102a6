package io.havoq.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Deals the QoS levels in the shares of a mix: 100 cards, shuffled once by the seed and dealt round and round, so that every
 * hundred messages hold the shares exactly. Not thread-safe.
 */
final class QosDeck {
    private final List<Integer> cards = new ArrayList<>(100);
    private int next;

    QosDeck(QosMix mix, long seed) {
        cards.addAll(Collections.nCopies(mix.qos0(), 0));
        cards.addAll(Collections.nCopies(mix.qos1(), 1));
        cards.addAll(Collections.nCopies(mix.qos2(), 2));
        Collections.shuffle(cards, new Random(seed));
    }

    int deal() {
        var qos = cards.get(next);
        next = (next + 1) % cards.size();
        return qos;
    }
}
