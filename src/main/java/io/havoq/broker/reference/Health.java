package io.havoq.broker.reference;

import org.jspecify.annotations.Nullable;

/**
 * What {@code /health} tells.
 *
 * @param ready whether the MQTT port is open: a leader is known and everything committed before was applied
 * @param role leader, follower or candidate
 * @param leader null while none is known
 * @param members how many nodes the leader was in contact with at its last tick; 0 when that is too long ago
 * @param applied index of the log
 */
record Health(
        String node, boolean ready, String role, @Nullable String leader, int members, long applied, long boot) {

    String toJson() {
        // Node names are host names: nothing in them needs escaping.
        return "{\"node\":\"" + node + "\",\"ready\":" + ready + ",\"role\":\"" + role + "\",\"leader\":"
                + (leader == null ? "null" : "\"" + leader + "\"") + ",\"members\":" + members + ",\"applied\":"
                + applied + ",\"boot\":\"" + boot + "\"}\n";
    }
}
