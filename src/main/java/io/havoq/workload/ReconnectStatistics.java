package io.havoq.workload;

import java.time.Duration;
import java.util.List;

/**
 * How long clients were without a connection: from the end of one to the CONNACK of the next, the client's own delay included.
 *
 * @param reconnects connections that were lost and made again
 * @param median zero if there were none
 * @param max zero if there were none
 * @param disconnected clients without a connection at this moment
 */
public record ReconnectStatistics(long reconnects, Duration median, Duration max, int disconnected) {
    static ReconnectStatistics of(List<Long> gapsNanos, int disconnected) {
        if (gapsNanos.isEmpty()) {
            return new ReconnectStatistics(0, Duration.ZERO, Duration.ZERO, disconnected);
        }
        var sorted = gapsNanos.stream().sorted().toList();
        return new ReconnectStatistics(
                sorted.size(),
                Duration.ofNanos(sorted.get(sorted.size() / 2)),
                Duration.ofNanos(sorted.get(sorted.size() - 1)),
                disconnected);
    }
}
