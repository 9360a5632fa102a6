package io.havoq.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds arrivals by publisher and QoS without allocating: open addressing, at most half full. Not thread-safe. */
final class ArrivalTable {
    private final List<Arrivals> all = new ArrayList<>();
    private @Nullable Arrivals[] slots = new @Nullable Arrivals[16];

    void add(Arrivals arrivals) {
        all.add(arrivals);
        if (2 * all.size() > slots.length) {
            slots = new @Nullable Arrivals[2 * slots.length];
            all.forEach(this::place);
        } else {
            place(arrivals);
        }
    }

    private void place(Arrivals arrivals) {
        var slot = slot(arrivals.stream());
        while (slots[slot] != null) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = arrivals;
    }

    @Nullable
    Arrivals find(MessageStream stream) {
        for (var slot = slot(stream); ; slot = (slot + 1) & (slots.length - 1)) {
            var arrivals = slots[slot];
            if (arrivals == null || arrivals.stream() == stream) {
                return arrivals;
            }
        }
    }

    private int slot(MessageStream stream) {
        var key = ((stream.publisher().id() << 2) | stream.qos()) * 0x9E3779B9;
        return (key >>> 8) & (slots.length - 1);
    }

    List<Arrivals> all() {
        return all;
    }
}
