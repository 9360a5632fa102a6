package io.havoq.broker.reference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /health} tells.
 *
 * @param ready whether the MQTT port is open: a leader is known and everything committed before was applied
 * @param role leader, follower or candidate
 * @param leader null while none is known
 * @param members how many nodes the leader was in contact with at its last tick; 0 when that is too long ago
 * @param applied index of the log
 * @param quorum whether a majority of the nodes can be reached
 * @param clock the time of day by the node's own clock, in milliseconds since 1970
 * @param state what the node waits for: addresses, or its peers; empty once it has found a majority
 */
record Health(
        String node,
        boolean ready,
        String role,
        @Nullable String leader,
        int members,
        long applied,
        long boot,
        boolean quorum,
        long clock,
        String state) {

    /** Of a node that has not started for want of addresses. */
    static Health waiting(String node, long boot, List<String> names) {
        return new Health(
                node,
                false,
                "starting",
                null,
                0,
                0,
                boot,
                false,
                System.currentTimeMillis(),
                "waiting for DNS: " + String.join(", ", names));
    }

    String toJson() {
        // Node names are host names: nothing in them needs escaping.
        return "{\"node\":\"" + node + "\",\"ready\":" + ready + ",\"role\":\"" + role + "\",\"leader\":"
                + (leader == null ? "null" : "\"" + leader + "\"") + ",\"members\":" + members + ",\"applied\":"
                + applied + ",\"boot\":\"" + boot + "\",\"quorum\":" + quorum + ",\"clock\":" + clock
                + (state.isEmpty() ? "" : ",\"state\":\"" + state + "\"")
                + "}\n";
    }
}
