package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.environment.Role;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Looks at what there is on a cluster, without changing and without judging anything: every question that the preflight has. What the API
 * server refuses is thrown as it comes.
 */
final class Survey {
    static final String CONTROLLER = "chaos-controller-manager";
    static final Map<String, String> DAEMON = Map.of("app.kubernetes.io/component", "chaos-daemon");
    private static final String GROUP_VERSION = ChaosObjects.GROUP + "/" + ChaosObjects.VERSION;

    private final KubernetesClient client;
    private final NamespaceRules rules;
    private final BrokerPods pods;
    private final PodAddresses addresses;
    private final BrokerRoles roles;

    Survey(KubernetesClient client, NamespaceRules rules, BrokerPods pods, PodAddresses addresses, BrokerRoles roles) {
        this.client = client;
        this.rules = rules;
        this.pods = pods;
        this.addresses = addresses;
        this.roles = roles;
    }

    /** The server's version; "reachable" where it tells none. */
    String server() {
        var found = client.getKubernetesVersion();
        return found == null ? "reachable" : found.getGitVersion();
    }

    /** Why no fault may be injected into the namespace. */
    Optional<String> refusal() {
        return rules.refusal(client);
    }

    /** Whose the namespace is at present. */
    Optional<Lease> lease() {
        return Optional.ofNullable(client.leases()
                .inNamespace(rules.namespace())
                .withName(NamespaceLease.NAME)
                .get());
    }

    /** The verbs that are denied, with the reason, which may be empty. */
    Map<String, String> denied(Right right) {
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
        return denied;
    }

    /** Chaos Mesh's kinds: by discovery, which everybody may use, and not by the CRDs, which not everybody may see. */
    Set<String> kinds() {
        try {
            var group = client.getApiGroup(ChaosObjects.GROUP);
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

    /** Chaos Mesh's controller, with how many of its pods are ready. */
    record Controller(String image, int ready) {
        String version() {
            var withoutDigest = image.contains("@") ? image.substring(0, image.indexOf('@')) : image;
            var colon = withoutDigest.lastIndexOf(':');
            return colon > withoutDigest.lastIndexOf('/') ? withoutDigest.substring(colon + 1) : "unknown";
        }
    }

    Optional<Controller> controller() {
        var deployment = client.apps()
                .deployments()
                .inNamespace(rules.chaosMesh())
                .withName(CONTROLLER)
                .get();
        return Optional.ofNullable(deployment)
                .map(found -> new Controller(
                        found.getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .get(0)
                                .getImage(),
                        found.getStatus() == null
                                ? 0
                                : Objects.requireNonNullElse(found.getStatus().getReadyReplicas(), 0)));
    }

    /** The machines that have a daemon that is ready. */
    Set<String> daemons() {
        return client.pods().inNamespace(rules.chaosMesh()).withLabels(DAEMON).list().getItems().stream()
                .filter(BrokerPods::ready)
                .map(pod -> pod.getSpec().getNodeName())
                .collect(Collectors.toSet());
    }

    List<Pod> brokers() {
        return pods.list();
    }

    /** Of the pods that nothing accepts MQTT connections at, why. */
    Map<String, String> closed(List<Pod> brokers) {
        var closed = new TreeMap<String, String>();
        for (var pod : brokers) {
            var endpoint = addresses.endpoint(pod);
            addresses.problem(endpoint.target()).ifPresent(problem -> closed.put(endpoint.target(), problem));
        }
        return closed;
    }

    /**
     * The brokers' parts in their cluster.
     *
     * @param problems of those whose part is unknown, why
     * @param expected whether somebody said where they are told
     */
    record Roles(Map<String, Role> roles, Map<String, String> problems, boolean expected) {}

    Roles roles(List<Pod> brokers) {
        return roles.of(brokers);
    }

    /** How many targets a Prometheus finds up of each job. */
    Map<String, Long> up(Prometheus prometheus) throws IOException {
        return prometheus.up();
    }
}
