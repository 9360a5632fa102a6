package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outages and recovery times from made-up timestamps; one unit is a millisecond. */
class ContinuityTest {
    private static final long GAP = 250;
    private static final long SUSTAIN = 3000;
    private final Continuity continuity = new Continuity(GAP, SUSTAIN);
    private final Stalls none = new Stalls();

    /** Round trips of 2 units, complete every 10 units from the first to the last. */
    private static long[] every10(long first, long last) {
        return LongStream.iterate(first, end -> end <= last, end -> end + 10).toArray();
    }

    private static Timeline timeline(long[]... parts) {
        var ends = LongStream.of();
        for (var part : parts) {
            ends = LongStream.concat(ends, LongStream.of(part));
        }
        var all = ends.toArray();
        return new Timeline(LongStream.of(all).map(end -> end - 2).toArray(), all);
    }

    private OptionalLong recovered(long from, long[]... parts) {
        return continuity.recovered(timeline(parts), from, none);
    }

    @Test
    void serviceThatNeverStoppedIsBackWithTheFirstRoundTripBegunAfterTheFault() {
        assertThat(recovered(1001, every10(0, 6000))).hasValue(1010);
    }

    @Test
    void aRoundTripBegunBeforeTheFaultDoesNotCountThoughItCompletesAfterIt() {
        assertThat(recovered(1009, every10(0, 6000))).hasValue(1020);
        assertThat(recovered(1008, every10(0, 6000))).hasValue(1010);
    }

    @Test
    void recoveryIsDatedAtTheFirstCompletionAfterTheOutage() {
        assertThat(recovered(1000, every10(0, 1000), every10(3200, 7000))).hasValue(3200);
    }

    @Test
    void serviceThatStopsAgainAfterLessThanTheSustainedTimeHasNotRecovered() {
        assertThat(recovered(1000, every10(2000, 4900), every10(9000, 11_990))).isEmpty();
        assertThat(recovered(1000, every10(2000, 4900), every10(9000, 12_000))).hasValue(9000);
    }

    @Test
    void serviceThatStopsAgainAfterTheSustainedTimeHasRecoveredAndShowsAnOutage() {
        var timeline = timeline(every10(2000, 5000), every10(9000, 9500));
        assertThat(continuity.recovered(timeline, 1000, none)).hasValue(2000);
        assertThat(continuity.outages(timeline, 2000, 9500, none)).containsExactly(new OutageWindow(5000, 9000, true));
    }

    @ParameterizedTest
    @ValueSource(longs = {4990, 4999})
    void aRunThatIsStillTooShortHasNotRecovered(long last) {
        assertThat(recovered(1000, every10(2000, last))).isEmpty();
    }

    @Test
    void flappingServiceRecoversWithTheRunThatLasts() {
        var parts = new ArrayList<long[]>();
        for (var begin = 1000L; begin < 9000; begin += 1000) {
            parts.add(every10(begin, begin + 700));
        }
        parts.add(every10(9100, 13_000));
        assertThat(recovered(500, parts.toArray(long[][]::new))).hasValue(9100);
    }

    @Test
    void serviceThatNeverCameBackHasNoRecoveryAndAnOutageThatHasNotEnded() {
        assertThat(recovered(1000, every10(0, 1000))).isEmpty();
        assertThat(continuity.outages(timeline(every10(0, 1000)), 500, 8000, none))
                .containsExactly(new OutageWindow(1000, 8000, false));
    }

    @Test
    void noRoundTripAtAllIsOneOutageAndNoRecovery() {
        assertThat(recovered(0, new long[0])).isEmpty();
        assertThat(continuity.outages(timeline(), 100, 900, none)).containsExactly(new OutageWindow(100, 900, false));
        assertThat(continuity.recoveredAll(List.of(), 0, 0, none)).isEmpty();
    }

    @Test
    void aGapOfExactlyTheBoundIsNoOutageAndOneMoreIs() {
        assertThat(continuity.outages(timeline(new long[] {0, 250, 500}), 0, 500, none))
                .isEmpty();
        assertThat(continuity.outages(timeline(new long[] {0, 251, 500}), 0, 500, none))
                .containsExactly(new OutageWindow(0, 251, true));
    }

    @Test
    void outagesAtTheEdgesOfTheObservedTimeAreCutThere() {
        var timeline = timeline(every10(0, 100), every10(1000, 1100), every10(2000, 2100));
        assertThat(continuity.outages(timeline, 500, 1500, none))
                .containsExactly(new OutageWindow(500, 1000, true), new OutageWindow(1100, 1500, false));
    }

    @Test
    void whatTheProbeItselfMissedIsNotHeldAgainstTheBroker() {
        var stalls = new Stalls();
        stalls.add(1000, 1900);
        var timeline = timeline(every10(0, 1000), every10(2000, 5000));
        assertThat(continuity.outages(timeline, 0, 5000, stalls)).isEmpty();
        assertThat(continuity.recovered(timeline, 500, stalls)).hasValue(510);
        // Half of the gap remains unexplained: the outage stands.
        var shorter = new Stalls();
        shorter.add(1000, 1500);
        assertThat(continuity.outages(timeline, 0, 5000, shorter)).containsExactly(new OutageWindow(1000, 2000, true));
    }

    @Test
    void theClusterIsBackWithItsLastPath() {
        var early = timeline(every10(1000, 9000));
        var late = timeline(every10(2500, 9000));
        assertThat(continuity.recoveredAll(List.of(early, late, early), 500, 500, none))
                .hasValue(2500);
    }

    @Test
    void theClusterIsNotBackBeforeItsMembers() {
        var path = timeline(every10(1000, 9000));
        assertThat(continuity.recoveredAll(List.of(path), 500, 4000, none)).hasValue(4000);
        assertThat(continuity.recoveredAll(List.of(path), 500, 6001, none)).isEmpty();
        assertThat(continuity.recoveredAll(List.of(path), 500, 6000, none)).hasValue(6000);
    }

    @Test
    void allPathsMustHoldAtTheSameTime() {
        // Each path is sustained by itself, but never the two of them for the sustained time together.
        var first = timeline(every10(1000, 4500), every10(8000, 11_500));
        var second = timeline(every10(3000, 7000), every10(10_000, 14_000));
        assertThat(continuity.recoveredAll(List.of(first, second), 0, 0, none)).isEmpty();
        var lasting = timeline(every10(1000, 4500), every10(8000, 13_000));
        assertThat(continuity.recoveredAll(List.of(lasting, second), 0, 0, none))
                .hasValue(10_000);
        assertThat(continuity.recoveredAll(List.of(second, lasting), 0, 0, none))
                .hasValue(10_000);
    }

    @Test
    void onePathWithoutAnyArrivalKeepsTheClusterDown() {
        assertThat(continuity.recoveredAll(List.of(timeline(every10(0, 9000)), timeline()), 0, 0, none))
                .isEmpty();
    }

    @Test
    void clockReadingsThatWrapAroundAreComparedByTheirDifference() {
        var base = Long.MAX_VALUE - 2000;
        var ends = LongStream.of(every10(0, 6000)).map(end -> base + end).toArray();
        var timeline = new Timeline(LongStream.of(ends).map(end -> end - 2).toArray(), ends);
        assertThat(continuity.recovered(timeline, base + 1001, none)).hasValue(base + 1010);
        assertThat(continuity.outages(timeline, base, base + 6000, none)).isEmpty();
    }

    /** Against the definition, instant by instant, on random short histories. */
    @Test
    void agreesWithTheDefinitionAppliedInstantByInstant() {
        var random = new Random(20_260_101);
        var small = new Continuity(3, 12);
        for (var round = 0; round < 3000; round++) {
            var timelines = new ArrayList<Timeline>();
            for (var path = 0; path <= random.nextInt(3); path++) {
                var ends = new ArrayList<Long>();
                for (var at = 0L; at < 60; at++) {
                    if (random.nextInt(100) < 55) {
                        ends.add(at);
                    }
                }
                Collections.sort(ends);
                var array = ends.stream().mapToLong(Long::longValue).toArray();
                timelines.add(new Timeline(array.clone(), array));
            }
            var from = random.nextInt(10);
            var notBefore = random.nextInt(20);
            assertThat(small.recoveredAll(timelines, from, notBefore, none))
                    .as("round %d", round)
                    .isEqualTo(byDefinition(timelines, from, Math.max(from, notBefore), 3, 12));
        }
    }

    private static OptionalLong byDefinition(
            List<Timeline> timelines, long from, long earliest, long gap, long sustain) {
        return LongStream.rangeClosed(earliest, 100)
                .filter(candidate -> timelines.stream().allMatch(timeline -> {
                    var ends = LongStream.range(0, timeline.size())
                            .map(i -> timeline.end((int) i))
                            .filter(end -> end >= from)
                            .boxed()
                            .toList();
                    // In service at the candidate, and no longer than the gap without a completion until it is
                    // sustained.
                    var before = ends.stream().filter(end -> end <= candidate).max(Long::compare);
                    if (before.isEmpty()) {
                        return false;
                    }
                    var previous = before.get();
                    for (var end : ends) {
                        if (end <= previous) {
                            continue;
                        }
                        if (end - previous > gap) {
                            break;
                        }
                        previous = end;
                    }
                    return previous - candidate >= sustain;
                }))
                .findFirst();
    }
}
