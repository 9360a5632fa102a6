package io.havoq.fault.local.dns;

/**
 * What the questions of one node met.
 *
 * @param answered answers in all
 * @param answeredWithFault of these, those that a fault decided
 */
public record DnsCounters(long answered, long answeredWithFault) {}
