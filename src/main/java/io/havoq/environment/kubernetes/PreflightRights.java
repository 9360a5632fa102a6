package io.havoq.environment.kubernetes;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The lines of the preflight about what the account may do: every right that this environment and its faults use. */
final class PreflightRights {
    private static final List<String> CHAOS_VERBS = List.of("create", "get", "list", "delete", "patch");

    private final Survey survey;
    private final PreflightRows rows;
    private final Set<String> hidden = new TreeSet<>();

    PreflightRights(Survey survey, PreflightRows rows) {
        this.survey = survey;
        this.rows = rows;
    }

    /** The kinds that this account may not list or delete, so that what is left of them is not seen; known once it was looked. */
    Set<String> hidden() {
        return Set.copyOf(hidden);
    }

    void look(boolean forwarding) {
        require(new Right("", "pods", "", List.of("get", "list")));
        require(new Right("coordination.k8s.io", "leases", "", List.of("get", "create", "update", "delete")));
        if (forwarding) {
            require(new Right("", "pods", "portforward", List.of("get", "create")));
        }
        want(new Right("", "pods", "log", List.of("get")), "the brokers' logs are missing from the results");
        want(
                new Right("", "pods", "exec", List.of("get", "create")),
                "effects that are looked for inside of a container are not seen");
        want(
                new Right("", "pods", "proxy", List.of("get")),
                "what the pods tell over HTTP is not seen: their clocks, from outside of the cluster their roles and"
                        + " figures too");
        want(new Right("", "events", "", List.of("list")), "events are missing from the results and from explanations");
        Preflight.KINDS.forEach(this::kind);
        neverMade();
        for (var detail : List.of("podnetworkchaos", "podiochaos")) {
            want(
                    new Right(ChaosObjects.GROUP, detail, "", List.of("get", "patch")),
                    "why a fault failed is explained with less detail, and what is left of one that is removed by force"
                            + " has to be taken out by hand");
        }
    }

    private void kind(String kind) {
        var right = new Right(ChaosObjects.GROUP, ChaosObjects.plural(kind), "", CHAOS_VERBS);
        check(right, (verbs, denied) -> {
            if (verbs.contains("list") || verbs.contains("delete")) {
                hidden.add(kind);
            }
            return PreflightRow.missingFor(spec -> spec.kind().equals(kind), right.text(), denied, PreflightRows.ROLE);
        });
    }

    /** Whether somebody left one is looked at all the same, at the start and at the end of a run. */
    private void neverMade() {
        var right = new Right(ChaosObjects.GROUP, ChaosObjects.plural(Preflight.NEVER_MADE), "", List.of("list"));
        check(right, (verbs, denied) -> {
            hidden.add(Preflight.NEVER_MADE);
            return PreflightRow.warning(
                    right.text(), denied + ": whether an earlier run has left one is not seen", PreflightRows.ROLE);
        });
    }

    private void require(Right right) {
        check(right, (verbs, denied) -> PreflightRow.missing(right.text(), denied, PreflightRows.ROLE));
    }

    private void want(Right right, String without) {
        check(
                right,
                (verbs, denied) -> PreflightRow.warning(right.text(), denied + ": " + without, PreflightRows.ROLE));
    }

    /** What a line is made of if some verbs are denied. */
    @FunctionalInterface
    private interface Denied {
        PreflightRow row(Set<String> verbs, String text);
    }

    private void check(Right right, Denied otherwise) {
        rows.look(right.text(), "the API server must answer SelfSubjectAccessReviews", () -> {
            var denied = survey.denied(right);
            var reasons = denied.values().stream()
                    .filter(reason -> !reason.isBlank())
                    .distinct()
                    .collect(Collectors.joining("; "));
            rows.add(
                    denied.isEmpty()
                            ? PreflightRow.ok(right.text(), "yes")
                            : otherwise.row(
                                    denied.keySet(),
                                    "not " + String.join(", ", denied.keySet())
                                            + (reasons.isEmpty() ? "" : " (" + reasons + ")")));
        });
    }
}
