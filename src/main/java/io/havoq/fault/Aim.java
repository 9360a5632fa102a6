package io.havoq.fault;

import io.havoq.environment.Target;
import io.havoq.manifest.ChaosSpec;
import java.util.List;

/**
 * A fault and whom it is to hit, before anything is done.
 *
 * @param targets what the manifest's selector chose
 * @param peers who is on the other side of a fault between two sides; else nobody
 */
public record Aim(ChaosSpec spec, List<Target> targets, List<Target> peers) {
    /** Copies the lists. */
    public Aim {
        targets = List.copyOf(targets);
        peers = List.copyOf(peers);
    }
}
