package io.havoq;

import java.time.Duration;
import java.util.Optional;

/**
 * What recovery was measured, from timestamps; a time is empty if it did not come within the bound.
 *
 * @param serviceRto until a client free to choose any endpoint completed QoS 1 round trips again, sustained for 3 s
 * @param clusterRto until all members were back and every pair of nodes routed, sustained for 3 s
 * @param membersBack until every node was running and ready again, as the environment saw it
 */
public record Recovery(Optional<Duration> serviceRto, Optional<Duration> clusterRto, Optional<Duration> membersBack) {}
