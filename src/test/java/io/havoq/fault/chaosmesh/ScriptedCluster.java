package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * An API server that plays a script: what it answers to the nth question is written down before, so that a test can put Chaos Mesh's
 * traps where it wants them. It keeps the chaos objects that are created, and shows them with the next status of the script at
 * each GET. What it cannot do: admission, defaulting, pruning, watches.
 */
final class ScriptedCluster implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One request that it was asked. */
    record Asked(String method, String path, String query, String body) {
        boolean dryRun() {
            return query.contains("dryRun=All");
        }

        boolean creates() {
            return method.equals("POST") && !dryRun();
        }

        @Override
        public String toString() {
            return method + " " + path + (query.isEmpty() ? "" : "?" + query);
        }
    }

    /** An answer out of turn; code 0 drops the connection, 1 does what was asked and then drops it, 2 never comes. */
    record Reply(int code, String body, Map<String, String> headers) {
        static Reply status(int code, String reason, String message) {
            return new Reply(code, ScriptedCluster.status(code, reason, message), Map.of());
        }

        static Reply drop() {
            return new Reply(0, "", Map.of());
        }

        static Reply doAndDrop() {
            return new Reply(1, "", Map.of());
        }

        static Reply silence() {
            return new Reply(2, "", Map.of());
        }

        Reply with(String header, String value) {
            return new Reply(code, body, Map.of(header, value));
        }
    }

    private record Turn(Predicate<Asked> when, Deque<Reply> replies) {}

    /** How a deleted object behaves. */
    enum Deletion {
        /** It is gone. */
        AT_ONCE,
        /** Its finalizer goes by the annotation only. */
        BY_ANNOTATION,
        /** Its finalizer goes only if somebody takes it away. */
        BY_FINALIZERS,
        /** It stays. */
        NEVER
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final KubernetesClient client;
    private final List<Asked> asked = new ArrayList<>();
    private final List<Turn> turns = new ArrayList<>();
    private final Map<String, ObjectNode> objects = new LinkedHashMap<>();
    private final Deque<String> statuses = new ArrayDeque<>();
    private final Map<String, Deque<String>> pods = new LinkedHashMap<>();
    private final List<String> events = new ArrayList<>();
    private final Map<String, String> others = new LinkedHashMap<>();
    private Deletion deletion = Deletion.AT_ONCE;

    ScriptedCluster() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        threads = Executors.newFixedThreadPool(2, task -> {
            var thread = new Thread(task, "scripted-cluster");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withAutoConfigure(false)
                        .build())
                .build();
    }

    KubernetesClient client() {
        return client;
    }

    /** The next requests that fit are answered so, once each. */
    synchronized ScriptedCluster next(Predicate<Asked> when, Reply... replies) {
        turns.add(new Turn(when, new ArrayDeque<>(List.of(replies))));
        return this;
    }

    /** The statuses that a chaos object shows at each GET; the last one stays. */
    synchronized ScriptedCluster statuses(String... next) {
        statuses.clear();
        statuses.addAll(List.of(next));
        return this;
    }

    /** What the pod looks like at each GET; the last one stays, and {@code ""} is none. */
    synchronized ScriptedCluster pod(String name, String... next) {
        pods.put(name, new ArrayDeque<>(List.of(next)));
        return this;
    }

    synchronized ScriptedCluster event(String message) {
        events.add(message);
        return this;
    }

    synchronized ScriptedCluster object(String path, String json) {
        others.put(path, json);
        return this;
    }

    synchronized ScriptedCluster deletion(Deletion how) {
        deletion = how;
        return this;
    }

    synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** The chaos objects that exist. */
    synchronized List<JsonNode> objects() {
        return List.copyOf(objects.values());
    }

    /** Somebody else removes everything. */
    synchronized void forget() {
        objects.clear();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        var uri = exchange.getRequestURI();
        var request = new Asked(
                exchange.getRequestMethod(),
                uri.getPath(),
                uri.getQuery() == null ? "" : uri.getQuery(),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        asked.add(request);
        for (var turn : turns) {
            if (!turn.replies().isEmpty() && turn.when().test(request)) {
                var reply = turn.replies().removeFirst();
                if (reply.code() == 1) {
                    var unused = usual(request);
                }
                if (reply.code() == 2) {
                    return; // whoever asks gives up, or is told when the server ends
                }
                if (reply.code() <= 1) {
                    exchange.close();
                    return;
                }
                send(exchange, reply);
                return;
            }
        }
        send(exchange, usual(request));
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        var bytes = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.code(), bytes.length == 0 ? -1 : bytes.length);
        try (var body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }

    private Reply usual(Asked request) throws IOException {
        var path = request.path();
        if (path.equals("/apis/chaos-mesh.org/v1alpha1")) {
            return others.containsKey(path)
                    ? new Reply(200, others.get(path), Map.of())
                    : new Reply(
                            200,
                            "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"podchaos\"},{\"name\":\"networkchaos\"},"
                                    + "{\"name\":\"stresschaos\"},{\"name\":\"iochaos\"},{\"name\":\"timechaos\"},"
                                    + "{\"name\":\"dnschaos\"}]}",
                            Map.of());
        }
        if (others.containsKey(path)) {
            return new Reply(200, others.get(path), Map.of());
        }
        if (path.endsWith("/events")) {
            return new Reply(200, eventList(), Map.of());
        }
        if (path.matches("/api/v1/namespaces/[^/]+/pods")) {
            return new Reply(
                    200,
                    "{\"kind\":\"PodList\",\"items\":["
                            + String.join(
                                    ",",
                                    pods.values().stream()
                                            .map(Deque::peekFirst)
                                            .filter(pod -> pod != null && !pod.isEmpty())
                                            .toList())
                            + "]}",
                    Map.of());
        }
        if (path.matches("/api/v1/namespaces/[^/]+/pods/[^/]+")) {
            return found(next(pods.get(path.substring(path.lastIndexOf('/') + 1))), path);
        }
        if (request.method().equals("POST")) {
            return created(request);
        }
        var object = objects.get(path);
        if (object == null) {
            return found(null, path);
        }
        return switch (request.method()) {
            case "DELETE" -> deleted(path, object);
            case "PATCH" -> patched(path, object, JSON.readTree(request.body()));
            default -> shown(object);
        };
    }

    private static String next(Deque<String> sequence) {
        return sequence == null ? null : sequence.size() > 1 ? sequence.removeFirst() : sequence.peekFirst();
    }

    private static Reply found(String json, String path) {
        return json == null || json.isEmpty()
                ? Reply.status(404, "NotFound", path + " not found")
                : new Reply(200, json, Map.of());
    }

    private Reply created(Asked request) throws IOException {
        var object = (ObjectNode) JSON.readTree(request.body());
        var path = request.path() + "/" + object.path("metadata").path("name").asText();
        if (objects.containsKey(path)) {
            return Reply.status(409, "AlreadyExists", path + " already exists");
        }
        var metadata = (ObjectNode) object.path("metadata");
        metadata.put("uid", "uid-" + asked.size());
        metadata.putArray("finalizers").add("chaos-mesh/records");
        if (!request.dryRun()) {
            objects.put(path, object);
        }
        return new Reply(201, JSON.writeValueAsString(object), Map.of());
    }

    private Reply shown(ObjectNode object) throws IOException {
        var status = next(statuses);
        if (status != null && !status.isEmpty()) {
            object.set("status", JSON.readTree(status));
        }
        return new Reply(200, JSON.writeValueAsString(object), Map.of());
    }

    private Reply deleted(String path, ObjectNode object) throws IOException {
        if (deletion == Deletion.AT_ONCE) {
            objects.remove(path);
        } else {
            ((ObjectNode) object.path("metadata")).put("deletionTimestamp", "2026-01-01T00:00:00Z");
        }
        return new Reply(200, JSON.writeValueAsString(object), Map.of());
    }

    private Reply patched(String path, ObjectNode object, JsonNode patch) throws IOException {
        var forced = patch.path("metadata")
                .path("annotations")
                .path("chaos-mesh.chaos-mesh.org/cleanFinalizer")
                .asText()
                .equals("forced");
        var cleared = patch.path("metadata").has("finalizers")
                && patch.path("metadata").path("finalizers").isNull();
        if ((forced && deletion == Deletion.BY_ANNOTATION)
                || (cleared && (deletion == Deletion.BY_FINALIZERS || deletion == Deletion.BY_ANNOTATION))) {
            objects.remove(path);
        }
        return new Reply(200, JSON.writeValueAsString(object), Map.of());
    }

    private String eventList() {
        var items = new ArrayList<String>();
        var object = objects.values().stream().reduce((first, last) -> last);
        for (var message : events) {
            var item = JSON.createObjectNode();
            item.put("type", "Warning").put("reason", "Failed").put("message", message);
            object.ifPresent(made -> item.putObject("involvedObject")
                    .put("kind", made.path("kind").asText())
                    .put("name", made.path("metadata").path("name").asText()));
            items.add(item.toString());
        }
        return "{\"kind\":\"EventList\",\"items\":[" + String.join(",", items) + "]}";
    }

    static String status(int code, String reason, String message) {
        try {
            return JSON.writeValueAsString(Map.of(
                    "kind",
                    "Status",
                    "apiVersion",
                    "v1",
                    "status",
                    "Failure",
                    "message",
                    message,
                    "reason",
                    reason,
                    "code",
                    code));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }
}
