package io.havoq.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.PackedHistogram;
import org.jspecify.annotations.Nullable;

/**
 * When deliveries came and how long they took. Thread-safe. The newest two million are kept one by one (8 B each, 16 MB);
 * older ones are folded into a histogram for each second, whose size follows the distinct values in it: at 1,000 deliveries
 * a second that is 8.6 MB for each hour (measured).
 */
final class LatencyRecord {
    private static final int CHUNK = 8192;
    private static final int CHUNKS = 256;
    private static final int HIGHEST_MICROS = Integer.MAX_VALUE;

    private static final class Chunk {
        final int[] at = new int[CHUNK];
        final int[] micros = new int[CHUNK];
        int size;
    }

    private final Times times;
    private final int chunksKept;
    private final Deque<Chunk> recent = new ArrayDeque<>();
    private final List<@Nullable Histogram> seconds = new ArrayList<>();
    private final List<Span> leftOut = new ArrayList<>();

    private record Span(long fromNanos, long toNanos) {
        /** How much of it lies in another. */
        long within(long otherFromNanos, long otherToNanos) {
            var from = fromNanos - otherFromNanos > 0 ? fromNanos : otherFromNanos;
            var to = toNanos - otherToNanos < 0 ? toNanos : otherToNanos;
            return Math.max(0, to - from);
        }
    }

    LatencyRecord(Times times) {
        this(times, CHUNKS);
    }

    LatencyRecord(Times times, int chunksKept) {
        this.times = times;
        this.chunksKept = chunksKept;
        recent.add(new Chunk());
    }

    synchronized void add(long nowNanos, long latencyNanos) {
        var chunk = recent.getLast();
        if (chunk.size == CHUNK) {
            chunk = new Chunk();
            recent.addLast(chunk);
            if (recent.size() > chunksKept) {
                fold(recent.removeFirst());
            }
        }
        chunk.at[chunk.size] = times.pack(nowNanos);
        chunk.micros[chunk.size] = (int) Math.max(0, Math.min(HIGHEST_MICROS, latencyNanos / 1000));
        chunk.size++;
    }

    /** No span may overlap another. */
    synchronized void leaveOut(long fromNanos, long toNanos) {
        leftOut.add(new Span(fromNanos, toNanos));
    }

    private boolean isLeftOut(int packed) {
        return leftOut.stream().anyMatch(span -> times.within(packed, span.fromNanos, span.toNanos));
    }

    private void fold(Chunk chunk) {
        for (var i = 0; i < chunk.size; i++) {
            if (isLeftOut(chunk.at[i])) {
                continue;
            }
            var second = (int) ((times.nanos(chunk.at[i]) - times.startNanos()) / 1_000_000_000L);
            while (seconds.size() <= second) {
                seconds.add(null);
            }
            var histogram = seconds.get(second);
            if (histogram == null) {
                histogram = new PackedHistogram(HIGHEST_MICROS, 2);
                seconds.set(second, histogram);
            }
            histogram.recordValue(chunk.micros[i]);
        }
    }

    /** Arrivals from the first time on and before the second; what was folded counts by the second it fell into. */
    synchronized DeliveryStatistics between(long fromNanos, long toNanos) {
        var all = new Histogram(HIGHEST_MICROS, 3);
        for (var i = 0; i < seconds.size(); i++) {
            var begin = times.startNanos() + i * 1_000_000_000L;
            var histogram = seconds.get(i);
            if (histogram != null && begin - fromNanos >= 0 && begin - toNanos < 0) {
                all.add(histogram);
            }
        }
        var max = all.getTotalCount() == 0 ? 0 : all.getMaxValue();
        for (var chunk : recent) {
            for (var i = 0; i < chunk.size; i++) {
                if (times.within(chunk.at[i], fromNanos, toNanos) && !isLeftOut(chunk.at[i])) {
                    all.recordValue(chunk.micros[i]);
                    max = Math.max(max, chunk.micros[i]);
                }
            }
        }
        var count = all.getTotalCount();
        var length = toNanos
                - fromNanos
                - leftOut.stream()
                        .mapToLong(span -> span.within(fromNanos, toNanos))
                        .sum();
        var perSecond = length > 0 ? count * 1e9 / length : 0;
        if (count == 0) {
            return new DeliveryStatistics(0, 0, Optional.empty());
        }
        var quantiles = Arrays.stream(new double[] {50, 95, 99})
                .map(percent -> all.getValueAtPercentile(percent) / 1000.0)
                .toArray();
        return new DeliveryStatistics(
                count,
                perSecond,
                Optional.of(new DeliveryStatistics.Latency(quantiles[0], quantiles[1], quantiles[2], max / 1000.0)));
    }
}
