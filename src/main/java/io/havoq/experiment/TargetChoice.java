package io.havoq.experiment;

import io.havoq.environment.Environment;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.manifest.Choice;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.TargetSelector;
import java.util.List;
import java.util.Optional;

/**
 * Chooses the targets of each manifest right before the injection, so that a role means the role that a node has then.
 *
 * @param rolesTold whether this broker's nodes are known to tell their roles, if they do not just now
 */
record TargetChoice(Environment environment, boolean rolesTold, long seed, Optional<Role> victim) {

    /** Throws if a manifest selects nothing, or no node of the role that is wanted though the broker tells roles. */
    List<PlannedFault> plan(String id, List<ManifestDocument> documents, Findings findings) {
        return documents.stream().map(document -> plan(id, document, findings)).toList();
    }

    private PlannedFault plan(String id, ManifestDocument document, Findings findings) {
        var targets = environment.targets();
        var roles = environment.roles();
        var own = seed ^ id.hashCode();
        if (victim.isEmpty()) {
            return planned(document, targets, own, TargetSelector.select(document, targets, own));
        }
        var wanted = victim.get();
        var choice = TargetSelector.select(
                document, targets, own, candidate -> roles.getOrDefault(candidate.name(), Role.UNKNOWN) == wanted);
        if (!choice.preferenceMet()) {
            if (rolesTold || roles.values().stream().anyMatch(role -> role != Role.UNKNOWN)) {
                throw new IllegalStateException("no node that the manifest selects is the " + wanted + " (roles: "
                        + roles + "): expected one, or no @Victim");
            }
            findings.note("no node tells that it is the " + wanted + " (roles: " + roles + "), so the seed chose");
        }
        return planned(document, targets, own, choice);
    }

    private static PlannedFault planned(
            ManifestDocument document, List<Target> targets, long own, Choice<Target> choice) {
        return new PlannedFault(
                document,
                choice.targets(),
                TargetSelector.selectTarget(document, targets, own, choice)
                        .map(Choice::targets)
                        .orElse(List.of()));
    }
}
