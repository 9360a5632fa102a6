package io.havoq.fault.local.syscall;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A rule in force on one node: chance, what is left of its times, and what it did. Thread-safe. */
final class ActiveRule {
    private static final int ALL = 100;

    private final CallRule rule;
    private final SplittableRandom random;
    private final Map<SystemCall, CallCounters> counters = new TreeMap<>();
    private int left;
    private int leftForWitness;

    ActiveRule(CallRule rule, long seed) {
        this.rule = rule;
        this.random = new SplittableRandom(seed);
        this.left = rule.times().orElse(Integer.MAX_VALUE);
        this.leftForWitness = left;
    }

    CallRule rule() {
        return rule;
    }

    /**
     * Decides on a call on a file that is meant.
     *
     * @param witness whether a witness makes it, whose calls are not counted and use up nothing
     * @return whether something happens to it
     */
    synchronized boolean decide(SystemCall call, boolean witness) {
        var happens = (rule.percent() == ALL || random.nextInt(ALL) < rule.percent())
                && (witness ? leftForWitness : left) > 0;
        if (witness) {
            leftForWitness -= happens ? 1 : 0;
            return happens;
        }
        left -= happens ? 1 : 0;
        counters.merge(
                call,
                CallCounters.NONE.plus(happens && !rule.delay().isZero(), happens && rule.errno() != 0),
                (one, two) -> new CallCounters(
                        one.hit() + two.hit(), one.delayed() + two.delayed(), one.failed() + two.failed()));
        return happens;
    }

    synchronized Map<SystemCall, CallCounters> counters() {
        return new TreeMap<>(counters);
    }
}
