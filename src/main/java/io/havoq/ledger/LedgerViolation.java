package io.havoq.ledger;

import io.havoq.Invariant;
import java.util.List;

/**
 * One broken invariant.
 *
 * @param count how many messages or deliveries broke it
 * @param first the first offending ones, one line each: publisher, subscriber, topic, QoS, sequence, times, nodes
 */
public record LedgerViolation(Invariant invariant, long count, List<String> first) {}
