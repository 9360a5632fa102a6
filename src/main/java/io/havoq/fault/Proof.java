package io.havoq.fault;

/**
 * One observation that a fault acted on a target.
 *
 * @param target the target's name
 * @param observation what was seen, for people: {@code exit status 137}, {@code witness connection reset}
 * @param atNanos when it happened, in monotonic nanoseconds
 * @param independent whether it was seen by other means than the engine's own word
 */
public record Proof(String target, String observation, long atNanos, boolean independent) {}
