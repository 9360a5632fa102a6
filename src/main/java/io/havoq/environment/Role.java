package io.havoq.environment;

/** A node's part in its cluster, where the broker tells it. */
public enum Role {
    LEADER,
    FOLLOWER,
    /** The broker has no such roles, or did not answer. */
    UNKNOWN
}
