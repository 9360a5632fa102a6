package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.havoq.settings.Settings;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * An API server with memory in this process (fabric8's, in CRUD mode), with scripted answers for what it does not know: access reviews,
 * discovery, logs.
 *
 * <p>What it cannot stand for: it defaults, validates and prunes nothing, has no controllers (nobody makes a killed pod anew) and no
 * garbage collection, and knows no rights of its own. What it does with resource versions is tested in {@link NamespaceLeaseTest}; the
 * same tests run against a real API server in {@link RealClusterTest}.
 */
final class MockCluster implements AutoCloseable {
    static final String NAMESPACE = "mqtt";
    /** It tells every request; kept, since loggers are collected like everything else. */
    private static final Logger SERVER_LOG = Logger.getLogger("io.fabric8.mockwebserver");

    private static final String REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    final List<String> requests = new CopyOnWriteArrayList<>();
    /** Verbs and resources that are not allowed: {@code create podchaos}, {@code get pods/log}. */
    final Set<String> denied = ConcurrentHashMap.newKeySet();
    /** Answers by the beginning of {@code METHOD path}; looked at before the memory. */
    final Map<String, Function<RecordedRequest, MockResponse>> scripted = new ConcurrentHashMap<>();

    private final KubernetesMockServer server;
    final KubernetesClient client;

    MockCluster() {
        SERVER_LOG.setLevel(Level.WARNING);
        var memory = new KubernetesCrudDispatcher();
        server = new KubernetesMockServer(
                new Context(),
                new MockWebServer(),
                new HashMap<>(),
                new Dispatcher() {
                    @Override
                    public MockResponse dispatch(RecordedRequest request) {
                        var line = request.getMethod() + " " + request.getPath();
                        requests.add(line);
                        return scripted.entrySet().stream()
                                .filter(entry -> matches(entry.getKey(), line))
                                .map(entry -> entry.getValue().apply(request))
                                .findFirst()
                                .orElseGet(() -> memory.dispatch(request));
                    }
                },
                false);
        server.init();
        client = client();
        answer("GET /version", 200, "{\"major\":\"1\",\"minor\":\"33\",\"gitVersion\":\"v1.33.1\"}");
        scripted.put("POST " + REVIEWS, this::review);
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
    }

    /** Discovery is a prefix of everything else of a group: its paths match as a whole. */
    private static boolean matches(String key, String line) {
        return key.startsWith("GET /apis/chaos-mesh.org") ? line.equals(key) : line.startsWith(key);
    }

    /** As the environment makes it: few retries, so that a test of a failing server is short. */
    KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl(url())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    String url() {
        return "http://" + server.getHostName() + ":" + server.getPort() + "/";
    }

    void answer(String methodAndPath, int code, String body) {
        scripted.put(
                methodAndPath,
                request -> new MockResponse()
                        .setResponseCode(code)
                        .setHeader("Content-Type", "application/json")
                        .setBody(body));
    }

    void refuse(String methodAndPath, int code, String message) {
        answer(
                methodAndPath,
                code,
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":" + code + ",\"message\":\""
                        + message + "\"}");
    }

    private MockResponse review(RecordedRequest request) {
        var body = request.getUtf8Body();
        var subresource = value(body, "subresource");
        var right =
                value(body, "verb") + " " + value(body, "resource") + (subresource.isEmpty() ? "" : "/" + subresource);
        var allowed = !denied.contains(right);
        return new MockResponse()
                .setResponseCode(201)
                .setHeader("Content-Type", "application/json")
                .setBody("{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\",\"spec\":{},"
                        + "\"status\":{\"allowed\":" + allowed
                        + (allowed ? "" : ",\"reason\":\"no RBAC policy matched\"")
                        + "}}");
    }

    private static String value(String json, String key) {
        var matcher = Pattern.compile("\"" + key + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** Chaos Mesh, as far as it can be seen from outside. */
    void installChaosMesh(String version, String... kinds) {
        installChaosMeshKinds(kinds);
        client.apps()
                .deployments()
                .inNamespace("chaos-mesh")
                .resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName("chaos-controller-manager")
                        .withNamespace("chaos-mesh")
                        .endMetadata()
                        .withNewSpec()
                        .withNewTemplate()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("chaos-mesh")
                        .withImage("ghcr.io/chaos-mesh/chaos-mesh:" + version)
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .withNewStatus()
                        .withReadyReplicas(1)
                        .endStatus()
                        .build())
                .create();
    }

    void installChaosMeshKinds(String... kinds) {
        answer(
                "GET /apis/chaos-mesh.org/v1alpha1",
                200,
                "{\"kind\":\"APIResourceList\",\"groupVersion\":\"chaos-mesh.org/v1alpha1\",\"resources\":["
                        + String.join(
                                ",",
                                Arrays.stream(kinds)
                                        .map(kind -> "{\"name\":\"" + kind.toLowerCase(Locale.ROOT) + "\",\"kind\":\""
                                                + kind + "\",\"namespaced\":true,\"verbs\":[]}")
                                        .toList())
                        + "]}");
        answer(
                "GET /apis/chaos-mesh.org",
                200,
                "{\"kind\":\"APIGroup\",\"name\":\"chaos-mesh.org\",\"versions\":[{\"groupVersion\":"
                        + "\"chaos-mesh.org/v1alpha1\",\"version\":\"v1alpha1\"}]}");
    }

    void daemonOn(String node) {
        var daemon = pod("chaos-daemon-" + node, node, "10.0.0.9", true)
                .editMetadata()
                .withNamespace("chaos-mesh")
                .withLabels(Map.of("app.kubernetes.io/component", "chaos-daemon"))
                .endMetadata()
                .build();
        client.pods().inNamespace("chaos-mesh").resource(daemon).create();
    }

    /** Three brokers of the plan on two nodes. */
    void brokers() {
        add(pod("emqx-go-0", "node-a", "127.0.0.1", true).build());
        add(pod("emqx-go-1", "node-a", "127.0.0.1", true).build());
        add(pod("emqx-go-2", "node-b", "127.0.0.1", true).build());
    }

    Pod add(Pod pod) {
        return client.pods().inNamespace(NAMESPACE).resource(pod).create();
    }

    void replace(Pod pod) {
        client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod.getMetadata().getName())
                .delete();
        add(pod);
    }

    static PodBuilder pod(String name, String node, String ip, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .withLabels(Map.of("app", "emqx-go", "statefulset.kubernetes.io/pod-name", name))
                .withAnnotations(Map.of("team", "messaging"))
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewContainer()
                .withName("emqx-go")
                .withImage("registry.example/emqx-go:1.2")
                .addNewPort()
                .withContainerPort(1883)
                .endPort()
                .addNewPort()
                .withContainerPort(8081)
                .endPort()
                .addNewEnv()
                .withName("EMQX_PASSWORD")
                .withValue("hunter2")
                .endEnv()
                .endContainer()
                .addNewContainer()
                .withName("sidecar")
                .withImage("registry.example/sidecar:1")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP(ip)
                .withHostIP("192.0.2.7")
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .addNewContainerStatus()
                .withName("emqx-go")
                .withRestartCount(2)
                .endContainerStatus()
                .addNewContainerStatus()
                .withName("sidecar")
                .withRestartCount(7)
                .endContainerStatus()
                .endStatus();
    }

    ClusterAccess access() {
        return new ClusterAccess("mock", "nowhere", () -> client().getConfiguration());
    }

    static Settings settings(Map<String, String> given) {
        var all = new HashMap<>(Map.of("havoq.context", "mock", "havoq.namespace", NAMESPACE));
        all.putAll(given);
        return Settings.fromSystemProperties().orElse(key -> Optional.ofNullable(all.get(key)));
    }

    String kubeconfig() {
        return KubeconfigText.of("mock", url());
    }

    @Override
    public void close() {
        client.close();
        server.destroy();
    }
}
