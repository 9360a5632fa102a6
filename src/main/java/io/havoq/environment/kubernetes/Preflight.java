package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.environment.Role;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.PodChaos;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Judges, by what a {@link Survey} finds, whether the cluster has what experiments need: access, the rights of the role, Chaos Mesh
 * and its daemons, the broker's pods and their MQTT ports, their roles, Prometheus. Every line is looked at, whatever is missing before it.
 */
final class Preflight {
    /** What this was read against and is tested with. */
    private static final Pattern KNOWN_VERSION = Pattern.compile("v?2\\.[678]\\..*");

    /** Every kind that manifests may have, but KernelChaos: it works in no version so far, as the engine says. */
    static final List<String> KINDS =
            List.of("PodChaos", "NetworkChaos", "StressChaos", "IOChaos", "TimeChaos", "DNSChaos");

    /** Never made; whether somebody left one is looked at all the same. */
    static final String NEVER_MADE = "KernelChaos";

    private final Survey survey;
    private final ClusterAccess access;
    private final Settings settings;
    private final NamespaceRules rules;
    private final PodAddresses addresses;
    private final PreflightRows rows;
    private final PreflightRights rights;
    private String version = "";

    Preflight(Survey survey, ClusterAccess access, Settings settings, NamespaceRules rules, PodAddresses addresses) {
        this.survey = survey;
        this.access = access;
        this.settings = settings;
        this.rules = rules;
        this.addresses = addresses;
        rows = new PreflightRows(rules.chaosMesh());
        rights = new PreflightRights(survey, rows);
    }

    /** Everything. */
    PreflightReport look() {
        rows.clear();
        if (server()) {
            namespace();
            lease();
            rights.look(settings.get(KubernetesSettings.ACCESS) == KubernetesSettings.Access.PORT_FORWARD);
            inside();
        }
        return new PreflightReport(rows.all(), version);
    }

    /** What can be told before the namespace is this run's: whether it may be used at all. */
    PreflightReport lookAtAccess() {
        rows.clear();
        if (server()) {
            namespace();
            rights.look(settings.get(KubernetesSettings.ACCESS) == KubernetesSettings.Access.PORT_FORWARD);
        }
        return new PreflightReport(rows.all(), version);
    }

    /** The rest, once what an earlier run left is gone; with what was told before. */
    PreflightReport lookInside() {
        inside();
        return new PreflightReport(rows.all(), version);
    }

    /** The kinds that this account may not list or delete, so that what is left of them is not seen; known once the access was looked at. */
    Set<String> hidden() {
        return rights.hidden();
    }

    private void inside() {
        var installed = chaosMesh();
        var brokers = brokers();
        if (installed) {
            daemons(brokers);
        }
        if (!brokers.isEmpty()) {
            endpoints(brokers);
            roles(brokers);
        }
        prometheus();
    }

    private boolean server() {
        var what = "API server";
        try {
            rows.add(PreflightRow.ok(what, survey.server() + " (context " + access.context() + ")"));
            return true;
        } catch (KubernetesClientException e) {
            var problem = ApiProblem.of("asked for its version", access, e);
            rows.add(PreflightRow.missing(
                    what, Optional.ofNullable(problem.getMessage()).orElse(""), ""));
            return false;
        }
    }

    private void namespace() {
        var what = "namespace";
        rows.look(what, PreflightRows.ROLE, () -> {
            var refusal = survey.refusal();
            rows.add(
                    refusal.isPresent()
                            ? PreflightRow.missing(what, refusal.get(), "see docs/kubernetes.md, Safety")
                            : PreflightRow.ok(what, rules.namespace() + ": faults are allowed"));
        });
    }

    private void lease() {
        var what = "Lease";
        rows.look(
                what,
                PreflightRows.ROLE,
                () -> rows.add(survey.lease()
                        .map(lease -> PreflightRow.warning(
                                what,
                                NamespaceLease.described(lease),
                                "a run that lives is to be waited for; one that was killed is cleaned up by the next"))
                        .orElseGet(() -> PreflightRow.ok(what, "free"))));
    }

    /** Whether there is anything of Chaos Mesh. */
    private boolean chaosMesh() {
        var what = "Chaos Mesh's kinds";
        var present = new TreeSet<String>();
        rows.look(what, PreflightRows.INSTALL, () -> {
            var found = survey.kinds();
            present.addAll(found);
            if (found.isEmpty()) {
                rows.add(PreflightRow.missingFor(
                        spec -> true,
                        "Chaos Mesh",
                        "no kinds of the group " + ChaosObjects.GROUP + " on this cluster",
                        PreflightRows.INSTALL));
                return;
            }
            for (var kind : KINDS) {
                if (!found.contains(kind)) {
                    rows.add(PreflightRow.missingFor(
                            spec -> spec.kind().equals(kind),
                            "kind " + kind,
                            "not on this cluster",
                            "update Chaos Mesh, or install its CRDs anew"));
                }
            }
            rows.add(
                    PreflightRow.ok(what, KINDS.stream().filter(found::contains).collect(Collectors.joining(", "))));
        });
        if (!present.isEmpty()) {
            var controller = "Chaos Mesh's controller";
            rows.lookIfAllowed(controller, () -> rows.add(controller(controller, survey.controller())));
        }
        return !present.isEmpty();
    }

    private PreflightRow controller(String what, Optional<Survey.Controller> found) {
        if (found.isEmpty()) {
            return PreflightRow.missingFor(
                    spec -> true,
                    what,
                    "no Deployment " + Survey.CONTROLLER + " in the namespace " + rules.chaosMesh(),
                    PreflightRows.INSTALL + "; where it is in another namespace, set "
                            + KubernetesSettings.CHAOS_MESH_NAMESPACE.key());
        }
        var controller = found.get();
        version = controller.version();
        if (controller.ready() == 0) {
            return PreflightRow.missingFor(
                    spec -> true,
                    what,
                    "none of its pods is ready (" + controller.image() + ")",
                    "kubectl -n " + rules.chaosMesh() + " describe deployment " + Survey.CONTROLLER);
        }
        var text = controller.ready() + " ready, version " + version;
        return KNOWN_VERSION.matcher(version).matches()
                ? PreflightRow.ok(what, text)
                : PreflightRow.warning(what, text, "Havoq knows Chaos Mesh 2.6 to 2.8");
    }

    private List<Pod> brokers() {
        var what = "broker pods";
        var found = new ArrayList<Pod>();
        rows.look(what, PreflightRows.ROLE, () -> {
            found.addAll(survey.brokers());
            rows.add(brokers(what, found));
        });
        return found;
    }

    private PreflightRow brokers(String what, List<Pod> found) {
        var selector = BrokerPods.selector(settings);
        if (found.isEmpty()) {
            return PreflightRow.missing(
                    what,
                    "no pod in the namespace " + rules.namespace() + " has the labels " + selector,
                    "set havoq.namespace and havoq.selector to what kubectl get pods --show-labels says");
        }
        var unready = found.stream().filter(pod -> !BrokerPods.ready(pod)).toList();
        if (unready.isEmpty()) {
            return PreflightRow.ok(what, found.size() + " ready, labels " + selector);
        }
        return PreflightRow.missing(
                what,
                "not ready: "
                        + unready.stream()
                                .map(pod -> pod.getMetadata().getName() + " ("
                                        + pod.getStatus().getPhase() + ")")
                                .collect(Collectors.joining(", ")),
                "kubectl -n " + rules.namespace() + " describe pod "
                        + unready.get(0).getMetadata().getName());
    }

    private void daemons(List<Pod> brokers) {
        var what = "Chaos Mesh's daemons";
        rows.lookIfAllowed(what, () -> {
            var covered = survey.daemons();
            var bare = brokers.stream()
                    .map(pod -> pod.getSpec().getNodeName())
                    .filter(Objects::nonNull)
                    .filter(node -> !covered.contains(node))
                    .collect(Collectors.toCollection(TreeSet::new));
            rows.add(
                    bare.isEmpty()
                            ? PreflightRow.ok(what, "ready on every node of the brokers")
                            : PreflightRow.missingFor(
                                    Preflight::needsDaemon,
                                    what,
                                    "none that is ready on " + String.join(", ", bare),
                                    "kubectl -n " + rules.chaosMesh() + " get pods -o wide -l "
                                            + Survey.DAEMON
                                                    .entrySet()
                                                    .iterator()
                                                    .next()
                                            + "; taints of the nodes, or a node selector, may keep them away"));
        });
    }

    /** All but the two that the controller does through the API server alone. */
    private static boolean needsDaemon(ChaosSpec spec) {
        return !(spec instanceof PodChaos pod && pod.podAction() != PodChaos.Action.CONTAINER_KILL);
    }

    private void endpoints(List<Pod> brokers) {
        var what = "MQTT endpoints";
        rows.look(what, "see docs/kubernetes.md, Addresses", () -> {
            var closed = survey.closed(brokers);
            rows.add(
                    closed.isEmpty()
                            ? PreflightRow.ok(what, brokers.size() + " accept connections; " + addresses.description())
                            : PreflightRow.missing(
                                    what,
                                    listed(closed, "; "),
                                    closed.size() == brokers.size() && byAddressFromOutside()
                                            ? "pod addresses are seldom reachable from outside of a cluster: run the tests in a"
                                                    + " runner pod (deploy/runner.yaml), or set "
                                                    + KubernetesSettings.ADDRESSES.key()
                                                    + ", or for a smoke run havoq.kubernetes.access=port-forward"
                                            : "is " + KubernetesSettings.MQTT_PORT.key()
                                                    + " right, and does the broker run?"));
        });
    }

    private boolean byAddressFromOutside() {
        return settings.get(KubernetesSettings.ACCESS) == KubernetesSettings.Access.POD && !access.inCluster();
    }

    private static String listed(Map<String, String> byPod, String separator) {
        return byPod.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining(separator));
    }

    /**
     * Without roles experiments run, on nodes that the seed chooses; but where somebody says how they are told and nobody tells one, that
     * is wrong, and every {@code @Victim} would meet a node of any role.
     */
    private void roles(List<Pod> brokers) {
        var what = "brokers' roles";
        var found = survey.roles(brokers);
        var told = found.roles().entrySet().stream()
                .filter(entry -> entry.getValue() != Role.UNKNOWN)
                .map(entry -> entry.getKey() + " " + entry.getValue().name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        var remedy = "where the broker tells its nodes' roles, set " + KubernetesSettings.ROLE_PORT.key() + ", "
                + KubernetesSettings.ROLE_PATH.key() + ", " + KubernetesSettings.ROLE_LEADER.key() + " and "
                + KubernetesSettings.ROLE_FOLLOWER.key();
        if (!told.isEmpty()) {
            rows.add(
                    found.problems().isEmpty()
                            ? PreflightRow.ok(what, told)
                            : PreflightRow.warning(what, told + "; " + listed(found.problems(), "; "), ""));
        } else if (found.expected()) {
            rows.add(PreflightRow.missing(
                    what,
                    "havoq.kubernetes.role.* is set, and no pod tells one: " + listed(found.problems(), "; "),
                    "set what the page says, or nothing of it, so that the seed chooses for @Victim"));
        } else {
            rows.add(PreflightRow.warning(
                    what, "unknown, so that the seed chooses for @Victim: " + listed(found.problems(), "; "), remedy));
        }
    }

    private void prometheus() {
        var what = "Prometheus";
        var prometheus = Prometheus.of(settings);
        if (prometheus.url().isEmpty()) {
            rows.add(PreflightRow.warning(
                    what, "none is named: its figures are not kept", "set " + KubernetesSettings.PROMETHEUS.key()));
            return;
        }
        try {
            var job = settings.get(KubernetesSettings.PROMETHEUS_JOB);
            var jobs = survey.up(prometheus);
            var up = jobs.getOrDefault(job, 0L);
            rows.add(
                    up > 0
                            ? PreflightRow.ok(what, prometheus.url() + ": " + up + " targets of job " + job + " are up")
                            : PreflightRow.warning(
                                    what,
                                    prometheus.url() + ": no target of job '" + job + "' is up; up are " + jobs,
                                    "set " + KubernetesSettings.PROMETHEUS_JOB.key()
                                            + " to the label job that the brokers' metrics have"));
        } catch (IOException e) {
            rows.add(PreflightRow.warning(
                    what, String.valueOf(e.getMessage()), "its figures are not kept until it answers"));
        }
    }
}
