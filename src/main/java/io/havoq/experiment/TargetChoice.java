package io.havoq.experiment;

import io.havoq.environment.Environment;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.manifest.Choice;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.TargetSelector;
import io.havoq.recovery.Restart;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

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
        var choice = victim.isEmpty()
                ? TargetSelector.select(document, targets, own)
                : ofRole(victim.get(), document, targets, roles, own, findings);
        return planned(document, targets, own, restartingAtOnce(choice, document, targets, roles, own, findings));
    }

    private Choice<Target> ofRole(
            Role wanted,
            ManifestDocument document,
            List<Target> targets,
            Map<String, Role> roles,
            long own,
            Findings findings) {
        var choice = TargetSelector.select(document, targets, own, hasRole(wanted, roles));
        if (!choice.preferenceMet()) {
            if (rolesTold || roles.values().stream().anyMatch(role -> role != Role.UNKNOWN)) {
                throw new IllegalStateException("no node that the manifest selects is the " + wanted + " (roles: "
                        + roles + "): expected one, or no @Victim");
            }
            findings.note("no node tells that it is the " + wanted + " (roles: " + roles + "), so the seed chose");
        }
        return choice;
    }

    private static Predicate<Target> hasRole(Role wanted, Map<String, Role> roles) {
        return candidate -> roles.getOrDefault(candidate.name(), Role.UNKNOWN) == wanted;
    }

    /**
     * Nodes that would be started again late if the fault ended their process give way to others of the same role, as far as there are
     * some: a broker's recovery is to be measured, and not what starts it.
     */
    private Choice<Target> restartingAtOnce(
            Choice<Target> choice,
            ManifestDocument document,
            List<Target> targets,
            Map<String, Role> roles,
            long own,
            Findings findings) {
        if (!Restart.of(document.spec()).inItsPod()) {
            return choice;
        }
        var late = new TreeMap<String, String>();
        targets.forEach(target -> environment.restartWouldWait(target).ifPresent(why -> late.put(target.name(), why)));
        Predicate<Target> atOnce = candidate -> !late.containsKey(candidate.name());
        var better = TargetSelector.select(
                document,
                targets,
                own,
                victim.filter(role -> choice.preferenceMet())
                        .map(role -> hasRole(role, roles).and(atOnce))
                        .orElse(atOnce));
        var chosen = better.preferenceMet() ? better : choice;
        choice.targets().stream()
                .map(Target::name)
                .filter(late::containsKey)
                .forEach(name -> findings.note(
                        chosen.targets().stream().map(Target::name).anyMatch(name::equals)
                                ? name + " may be started again late, and there is no other to choose: "
                                        + late.get(name)
                                : name + " is not chosen, since it may be started again late: " + late.get(name)));
        return chosen;
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
