package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.PodChaos;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Looks, without changing anything, whether the cluster has what experiments need: access, the rights of the role, Chaos Mesh
 * and its daemons, the broker's pods and their MQTT ports, Prometheus. Every line is looked at, whatever is missing before it.
 */
final class Preflight {
    private static final String GROUP = ChaosObjects.GROUP;
    private static final String GROUP_VERSION = GROUP + "/" + ChaosObjects.VERSION;
    private static final String CONTROLLER = "chaos-controller-manager";
    private static final Map<String, String> DAEMON = Map.of("app.kubernetes.io/component", "chaos-daemon");
    private static final String INSTALL = "install Chaos Mesh, see deploy/README.md";
    private static final String ROLE = "apply the role in deploy/rbac.yaml";
    private static final Duration HTTP_BOUND = Duration.ofSeconds(5);

    /** What this was read against and is tested with. */
    private static final Pattern KNOWN_VERSION = Pattern.compile("v?2\\.[678]\\..*");

    /** Every kind that manifests may have, but KernelChaos: it works in no version so far, as the engine says. */
    static final List<String> KINDS =
            List.of("PodChaos", "NetworkChaos", "StressChaos", "IOChaos", "TimeChaos", "DNSChaos");

    private static final List<String> CHAOS_VERBS = List.of("create", "get", "list", "delete", "patch");

    private final KubernetesClient client;
    private final ClusterAccess access;
    private final Settings settings;
    private final NamespaceRules rules;
    private final BrokerPods pods;
    private final PodAddresses addresses;
    private final List<PreflightRow> rows = new ArrayList<>();
    private final Set<String> hidden = new TreeSet<>();
    private String version = "";

    Preflight(
            KubernetesClient client,
            ClusterAccess access,
            Settings settings,
            NamespaceRules rules,
            BrokerPods pods,
            PodAddresses addresses) {
        this.client = client;
        this.access = access;
        this.settings = settings;
        this.rules = rules;
        this.pods = pods;
        this.addresses = addresses;
    }

    /** Everything. */
    PreflightReport look() {
        rows.clear();
        if (server()) {
            namespace();
            lease();
            rights();
            inside();
        }
        return new PreflightReport(rows, version);
    }

    /** What can be told before the namespace is this run's: whether it may be used at all. */
    PreflightReport lookAtAccess() {
        rows.clear();
        if (server()) {
            namespace();
            rights();
        }
        return new PreflightReport(rows, version);
    }

    /** The rest, once what an earlier run left is gone; with what was told before. */
    PreflightReport lookInside() {
        inside();
        return new PreflightReport(rows, version);
    }

    /** The kinds that this account may not list or delete, so that what is left of them is not seen; known once the access was looked at. */
    Set<String> hidden() {
        return Set.copyOf(hidden);
    }

    private void inside() {
        var installed = chaosMesh();
        var brokers = brokers();
        if (installed) {
            daemons(brokers);
        }
        endpoints(brokers);
        prometheus();
    }

    private boolean server() {
        try {
            var found = client.getKubernetesVersion();
            rows.add(PreflightRow.ok(
                    "API server",
                    (found == null ? "reachable" : found.getGitVersion()) + " (context " + access.context() + ")"));
            return true;
        } catch (KubernetesClientException e) {
            rows.add(PreflightRow.missing(
                    "API server",
                    Optional.ofNullable(ApiProblem.of("asked for its version", access, e)
                                    .getMessage())
                            .orElse(""),
                    ""));
            return false;
        }
    }

    private void namespace() {
        look("namespace", ROLE, () -> {
            var refusal = rules.refusal(client);
            rows.add(
                    refusal.isPresent()
                            ? PreflightRow.missing("namespace", refusal.get(), "see docs/kubernetes.md, Safety")
                            : PreflightRow.ok("namespace", rules.namespace() + ": faults are allowed"));
        });
    }

    private void lease() {
        look("Lease", ROLE, () -> {
            var lease = client.leases()
                    .inNamespace(rules.namespace())
                    .withName(NamespaceLease.NAME)
                    .get();
            rows.add(
                    lease == null
                            ? PreflightRow.ok("Lease", "free")
                            : PreflightRow.warning(
                                    "Lease",
                                    NamespaceLease.described(lease),
                                    "a run that lives is to be waited for; one that was killed is cleaned up by the next"));
        });
    }

    /** A right and what it is good for. */
    private record Right(String group, String resource, String subresource, List<String> verbs) {
        String text() {
            return "may " + String.join(", ", verbs) + " " + resource
                    + (subresource.isEmpty() ? "" : "/" + subresource);
        }
    }

    private void rights() {
        require(new Right("", "pods", "", List.of("get", "list")));
        require(new Right("coordination.k8s.io", "leases", "", List.of("get", "create", "update", "delete")));
        if (settings.get(KubernetesSettings.ACCESS) == KubernetesSettings.Access.PORT_FORWARD) {
            require(new Right("", "pods", "portforward", List.of("get", "create")));
        }
        want(new Right("", "pods", "log", List.of("get")), "the brokers' logs are missing from the results");
        want(
                new Right("", "pods", "exec", List.of("get", "create")),
                "effects that are looked for inside of a container are not seen");
        want(new Right("", "events", "", List.of("list")), "events are missing from the results and from explanations");
        for (var kind : KINDS) {
            var right = new Right(GROUP, ChaosObjects.plural(kind), "", CHAOS_VERBS);
            check(right, (verbs, denied) -> {
                if (verbs.contains("list") || verbs.contains("delete")) {
                    hidden.add(kind);
                }
                return PreflightRow.missingFor(spec -> spec.kind().equals(kind), right.text(), denied, ROLE);
            });
        }
        for (var detail : List.of("podnetworkchaos", "podiochaos")) {
            want(new Right(GROUP, detail, "", List.of("get")), "why a fault failed is explained with less detail");
        }
    }

    private void require(Right right) {
        check(right, (verbs, denied) -> PreflightRow.missing(right.text(), denied, ROLE));
    }

    private void want(Right right, String without) {
        check(right, (verbs, denied) -> PreflightRow.warning(right.text(), denied + ": " + without, ROLE));
    }

    /** What a line is made of if some verbs are denied. */
    private interface Denied {
        PreflightRow row(Set<String> verbs, String text);
    }

    private void check(Right right, Denied otherwise) {
        look(right.text(), "the API server must answer SelfSubjectAccessReviews", () -> {
            var denied = new LinkedHashMap<String, String>();
            for (var verb : right.verbs()) {
                var answer = client.authorization()
                        .v1()
                        .selfSubjectAccessReview()
                        .create(new SelfSubjectAccessReviewBuilder()
                                .withNewSpec()
                                .withNewResourceAttributes()
                                .withNamespace(rules.namespace())
                                .withGroup(right.group())
                                .withResource(right.resource())
                                .withSubresource(right.subresource())
                                .withVerb(verb)
                                .endResourceAttributes()
                                .endSpec()
                                .build())
                        .getStatus();
                if (answer == null || !Boolean.TRUE.equals(answer.getAllowed())) {
                    denied.put(verb, answer == null ? "" : Objects.requireNonNullElse(answer.getReason(), ""));
                }
            }
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

    /** Whether there is anything of Chaos Mesh. */
    private boolean chaosMesh() {
        var present = new TreeSet<String>();
        look("Chaos Mesh's kinds", INSTALL, () -> {
            var found = kinds();
            present.addAll(found);
            if (found.isEmpty()) {
                rows.add(PreflightRow.missingFor(
                        spec -> true, "Chaos Mesh", "no kinds of the group " + GROUP + " on this cluster", INSTALL));
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
            rows.add(PreflightRow.ok(
                    "Chaos Mesh's kinds", KINDS.stream().filter(found::contains).collect(Collectors.joining(", "))));
        });
        if (!present.isEmpty()) {
            controller();
        }
        return !present.isEmpty();
    }

    /** By discovery, which everybody may use, and not by the CRDs, which not everybody may see. */
    private Set<String> kinds() {
        try {
            var group = client.getApiGroup(GROUP);
            if (group == null
                    || group.getVersions().stream()
                            .map(GroupVersionForDiscovery::getGroupVersion)
                            .noneMatch(GROUP_VERSION::equals)) {
                return Set.of();
            }
            var list = client.getApiResources(GROUP_VERSION);
            return list == null
                    ? Set.of()
                    : list.getResources().stream()
                            .map(APIResource::getKind)
                            .collect(Collectors.toCollection(TreeSet::new));
        } catch (KubernetesClientException e) {
            if (e.getCode() == ApiProblem.NOT_FOUND) {
                return Set.of();
            }
            throw e;
        }
    }

    private void controller() {
        var what = "Chaos Mesh's controller";
        lookIfAllowed(what, () -> {
            var deployment = client.apps()
                    .deployments()
                    .inNamespace(rules.chaosMesh())
                    .withName(CONTROLLER)
                    .get();
            if (deployment == null) {
                rows.add(PreflightRow.missingFor(
                        spec -> true,
                        what,
                        "no Deployment " + CONTROLLER + " in the namespace " + rules.chaosMesh(),
                        INSTALL + "; where it is in another namespace, set "
                                + KubernetesSettings.CHAOS_MESH_NAMESPACE.key()));
                return;
            }
            var image = deployment
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .get(0)
                    .getImage();
            version = tag(image);
            var ready = deployment.getStatus() == null
                    ? 0
                    : Objects.requireNonNullElse(deployment.getStatus().getReadyReplicas(), 0);
            if (ready == 0) {
                rows.add(PreflightRow.missingFor(
                        spec -> true,
                        what,
                        "none of its pods is ready (" + image + ")",
                        "kubectl -n " + rules.chaosMesh() + " describe deployment " + CONTROLLER));
            } else if (!KNOWN_VERSION.matcher(version).matches()) {
                rows.add(PreflightRow.warning(
                        what, ready + " ready, version " + version, "Havoq knows Chaos Mesh 2.6 to 2.8"));
            } else {
                rows.add(PreflightRow.ok(what, ready + " ready, version " + version));
            }
        });
    }

    private static String tag(String image) {
        var withoutDigest = image.contains("@") ? image.substring(0, image.indexOf('@')) : image;
        var colon = withoutDigest.lastIndexOf(':');
        return colon > withoutDigest.lastIndexOf('/') ? withoutDigest.substring(colon + 1) : "unknown";
    }

    private List<Pod> brokers() {
        var what = "broker pods";
        var found = new ArrayList<Pod>();
        look(what, ROLE, () -> {
            found.addAll(pods.list());
            var selector = BrokerPods.selector(settings);
            if (found.isEmpty()) {
                rows.add(PreflightRow.missing(
                        what,
                        "no pod in the namespace " + rules.namespace() + " has the labels " + selector,
                        "set havoq.namespace and havoq.selector to what kubectl get pods --show-labels says"));
                return;
            }
            var unready = found.stream()
                    .filter(pod -> !BrokerPods.ready(pod))
                    .map(pod ->
                            pod.getMetadata().getName() + " (" + pod.getStatus().getPhase() + ")")
                    .toList();
            rows.add(
                    unready.isEmpty()
                            ? PreflightRow.ok(what, found.size() + " ready, labels " + selector)
                            : PreflightRow.missing(
                                    what,
                                    "not ready: " + String.join(", ", unready),
                                    "kubectl -n " + rules.namespace() + " describe pod "
                                            + unready.get(0).replaceFirst(" .*", "")));
        });
        return found;
    }

    private void daemons(List<Pod> brokers) {
        var what = "Chaos Mesh's daemons";
        lookIfAllowed(what, () -> {
            var covered = client.pods().inNamespace(rules.chaosMesh()).withLabels(DAEMON).list().getItems().stream()
                    .filter(BrokerPods::ready)
                    .map(pod -> pod.getSpec().getNodeName())
                    .collect(Collectors.toSet());
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
                                            + DAEMON.entrySet().iterator().next()
                                            + "; taints of the nodes, or a node selector, may keep them away"));
        });
    }

    /** All but the two that the controller does through the API server alone. */
    private static boolean needsDaemon(ChaosSpec spec) {
        return !(spec instanceof PodChaos pod && pod.podAction() != PodChaos.Action.CONTAINER_KILL);
    }

    private void endpoints(List<Pod> brokers) {
        var what = "MQTT endpoints";
        if (brokers.isEmpty()) {
            return;
        }
        look(what, "see docs/kubernetes.md, Addresses", () -> {
            var closed = new ArrayList<String>();
            for (var pod : brokers) {
                var endpoint = addresses.endpoint(pod);
                addresses
                        .problem(endpoint.target())
                        .ifPresent(problem -> closed.add(endpoint.target() + ": " + problem));
            }
            rows.add(
                    closed.isEmpty()
                            ? PreflightRow.ok(what, brokers.size() + " accept connections; " + addresses.description())
                            : PreflightRow.missing(
                                    what,
                                    String.join("; ", closed),
                                    closed.size() == brokers.size()
                                                    && settings.get(KubernetesSettings.ACCESS)
                                                            == KubernetesSettings.Access.POD
                                                    && !access.inCluster()
                                            ? "pod addresses are seldom reachable from outside of a cluster: run the tests in a"
                                                    + " runner pod (deploy/runner.yaml), or set "
                                                    + KubernetesSettings.ADDRESSES.key()
                                                    + ", or for a smoke run havoq.kubernetes.access=port-forward"
                                            : "is " + KubernetesSettings.MQTT_PORT.key()
                                                    + " right, and does the broker run?"));
        });
    }

    private void prometheus() {
        var url = settings.get(KubernetesSettings.PROMETHEUS).strip();
        var what = "Prometheus";
        if (url.isEmpty()) {
            rows.add(PreflightRow.warning(
                    what,
                    "none is named: assertions on its metrics are not made",
                    "set " + KubernetesSettings.PROMETHEUS.key()));
            return;
        }
        var query = url.replaceAll("/+$", "") + "/api/v1/query?query="
                + URLEncoder.encode("count(up == 1)", StandardCharsets.UTF_8);
        try {
            var answer = HttpClient.newBuilder()
                    .connectTimeout(HTTP_BOUND)
                    .build()
                    .send(
                            HttpRequest.newBuilder(URI.create(query))
                                    .timeout(HTTP_BOUND)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            rows.add(
                    answer.statusCode() == HTTP_OK && answer.body().contains("\"success\"")
                            ? PreflightRow.ok(what, url)
                            : PreflightRow.warning(
                                    what,
                                    url + " answered " + answer.statusCode() + ", no result of a query",
                                    "is it the address of Prometheus itself?"));
        } catch (IOException | IllegalArgumentException e) {
            rows.add(PreflightRow.warning(
                    what, url + " cannot be reached: " + e, "its metrics are not asserted until it can be"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            rows.add(PreflightRow.warning(what, "interrupted", ""));
        }
    }

    private static final int HTTP_OK = 200;

    /** What cannot be looked at is missing. */
    private void look(String what, String remedy, Runnable looking) {
        try {
            looking.run();
        } catch (KubernetesClientException e) {
            rows.add(PreflightRow.missing(what, ApiProblem.reason(e), remedy));
        }
    }

    /** What nobody lets us look at may be there all the same. */
    private void lookIfAllowed(String what, Runnable looking) {
        try {
            looking.run();
        } catch (KubernetesClientException e) {
            rows.add(
                    e.getCode() == ApiProblem.FORBIDDEN
                            ? PreflightRow.warning(
                                    what,
                                    "may not be looked at in the namespace " + rules.chaosMesh(),
                                    "apply deploy/rbac-chaos-mesh.yaml, or look yourself")
                            : PreflightRow.missingFor(spec -> true, what, ApiProblem.reason(e), INSTALL));
        }
    }
}
