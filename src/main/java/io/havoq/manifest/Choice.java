package io.havoq.manifest;

import java.util.List;

/**
 * Whom a manifest hits this time.
 *
 * @param targets ordered by name; never empty
 * @param matching how many the selector matched, of whom the mode took the targets
 * @param preferenceMet whether as many of the targets as possible are preferred ones, and at least one is; true
 *     where nothing was preferred
 */
public record Choice<C extends Candidate>(List<C> targets, int matching, boolean preferenceMet) {
    /** Copies the list. */
    public Choice {
        targets = List.copyOf(targets);
    }
}
