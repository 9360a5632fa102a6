package io.havoq.fault.local.syscall;

/**
 * A process that runs.
 *
 * @param ticks when it started: tells it apart from a later one of the same number
 */
record Attachable(String node, long pid, long ticks) {}
