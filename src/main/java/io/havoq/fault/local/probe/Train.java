package io.havoq.fault.local.probe;

/**
 * What became of datagrams sent back to back, and the rate at which they arrived.
 *
 * @param sent handed to the kernel
 * @param arrived at the destination
 * @param bytesPerSecond of the later half of those that arrived, each with its 28 bytes of IP and UDP header, because a
 *     token bucket lets the first ones pass at once; NaN if fewer than four arrived
 */
public record Train(String source, String destination, int sent, int arrived, double bytesPerSecond) {}
