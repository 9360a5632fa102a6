package io.havoq.fault.local.network;

import java.util.Map;

/** Whether the nodes have a network of their own, on which faults can act. */
public sealed interface NetworkSupport {
    /**
     * They have.
     *
     * @param places the nodes and {@link NetworkControl#CLIENTS}, with their addresses
     */
    record Available(NetworkControl control, Map<String, NetworkControl.Address> places) implements NetworkSupport {
        /** Copies the places. */
        public Available {
            places = Map.copyOf(places);
        }
    }

    /** They are on the machine's: why, and what would have to change. */
    record Unavailable(String reason, String remedy) implements NetworkSupport {}
}
