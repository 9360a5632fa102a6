package io.havoq.fault.local.relay;

import java.util.concurrent.atomic.AtomicLong;

/** The counters of one route, written by the relay's thread. */
final class Tally {
    private final AtomicLong open = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong reset = new AtomicLong();
    private final AtomicLong toTarget = new AtomicLong();
    private final AtomicLong fromTarget = new AtomicLong();
    private volatile String lastFailure = "";

    void accepted() {
        accepted.incrementAndGet();
        open.incrementAndGet();
    }

    void ended() {
        open.decrementAndGet();
    }

    void failed(String why) {
        failed.incrementAndGet();
        failure(why);
    }

    void reset(String why) {
        reset.incrementAndGet();
        failure(why);
    }

    void failure(String why) {
        lastFailure = why;
    }

    AtomicLong toTarget() {
        return toTarget;
    }

    AtomicLong fromTarget() {
        return fromTarget;
    }

    RouteCounters read() {
        return new RouteCounters(
                open.get(), accepted.get(), failed.get(), reset.get(), toTarget.get(), fromTarget.get(), lastFailure);
    }
}
