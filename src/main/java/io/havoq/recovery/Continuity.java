package io.havoq.recovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Computes outages and recovery times from completed round trips. Service that completes a round trip at least every
 * {@code gap} is continuous; a continuous run that lasts {@code sustain}, from its first completion to its last, is sustained.
 *
 * @param gapNanos the longest time between two completions that is no interruption
 * @param sustainNanos how long a run must last to count as recovered
 */
record Continuity(long gapNanos, long sustainNanos) {
    static Continuity of(Duration gap, Duration sustain) {
        return new Continuity(gap.toNanos(), sustain.toNanos());
    }

    /** A maximal time of continuous service, from its first completion to its last. */
    record Run(long firstNanos, long lastNanos) {}

    /** The interruptions within an observed time, its beginning and its end included: no completion at all is one outage. */
    List<OutageWindow> outages(Timeline timeline, long fromNanos, long untilNanos, Stalls stalls) {
        var outages = new ArrayList<OutageWindow>();
        var previous = fromNanos;
        for (var i = 0; i < timeline.size() && timeline.end(i) - untilNanos <= 0; i++) {
            var end = timeline.end(i);
            if (end - fromNanos < 0) {
                continue;
            }
            if (interrupted(previous, end, stalls)) {
                outages.add(new OutageWindow(previous, end, true));
            }
            previous = end;
        }
        if (interrupted(previous, untilNanos, stalls)) {
            outages.add(new OutageWindow(previous, untilNanos, false));
        }
        return outages;
    }

    /**
     * When service was there again: the first completion of the first sustained run among the round trips begun at or after
     * {@code from}. If service never stopped this is simply the first of them; empty if no run has been sustained so far.
     */
    OptionalLong recovered(Timeline timeline, long fromNanos, Stalls stalls) {
        return recoveredAll(List.of(timeline), fromNanos, fromNanos, stalls);
    }

    /**
     * The earliest instant, neither before {@code from} nor before {@code notBefore}, from which on every timeline was continuous
     * for {@code sustain}, counting only round trips begun at or after {@code from}: the first completion of the last one to
     * come back, or {@code notBefore} where all of them were back earlier. Empty if that has not happened so far, or if there is
     * no timeline.
     */
    OptionalLong recoveredAll(List<Timeline> timelines, long fromNanos, long notBeforeNanos, Stalls stalls) {
        var earliest = notBeforeNanos - fromNanos > 0 ? notBeforeNanos : fromNanos;
        return sustainedFrom(
                timelines.stream()
                        .map(timeline -> runs(timeline.begunFrom(fromNanos), stalls))
                        .toList(),
                earliest);
    }

    private OptionalLong sustainedFrom(List<List<Run>> runsByTimeline, long earliestNanos) {
        if (runsByTimeline.isEmpty()) {
            return OptionalLong.empty();
        }
        var candidate = earliestNanos;
        // Each round either moves the candidate to the later beginning of a run, of which there are finitely many, or
        // ends.
        while (true) {
            var moved = candidate;
            for (var runs : runsByTimeline) {
                var next = firstSustained(runs, moved);
                if (next.isEmpty()) {
                    return next;
                }
                moved = next.getAsLong();
            }
            if (moved == candidate) {
                return OptionalLong.of(candidate);
            }
            candidate = moved;
        }
    }

    /** The earliest instant at or after another from which one run lasts {@code sustain}. */
    private OptionalLong firstSustained(List<Run> runs, long notBeforeNanos) {
        for (var run : runs) {
            var start = run.firstNanos() - notBeforeNanos > 0 ? run.firstNanos() : notBeforeNanos;
            if (run.lastNanos() - start >= sustainNanos) {
                return OptionalLong.of(start);
            }
        }
        return OptionalLong.empty();
    }

    /** The maximal runs, in order. */
    List<Run> runs(Timeline timeline, Stalls stalls) {
        var runs = new ArrayList<Run>();
        if (timeline.size() == 0) {
            return runs;
        }
        var first = timeline.end(0);
        for (var i = 1; i < timeline.size(); i++) {
            if (interrupted(timeline.end(i - 1), timeline.end(i), stalls)) {
                runs.add(new Run(first, timeline.end(i - 1)));
                first = timeline.end(i);
            }
        }
        runs.add(new Run(first, timeline.end(timeline.size() - 1)));
        return runs;
    }

    private boolean interrupted(long fromNanos, long untilNanos, Stalls stalls) {
        var length = untilNanos - fromNanos;
        return length > gapNanos && length - stalls.within(fromNanos, untilNanos) > gapNanos;
    }
}
