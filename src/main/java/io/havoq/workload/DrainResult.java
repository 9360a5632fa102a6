package io.havoq.workload;

import java.time.Duration;

/**
 * How draining ended.
 *
 * @param settled whether every message has an outcome and everything acknowledged arrived
 * @param outstanding messages without an outcome
 * @param missing deliveries still due
 */
public record DrainResult(boolean settled, Duration took, long outstanding, long missing) {}
