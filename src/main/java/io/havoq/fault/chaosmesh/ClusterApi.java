package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.havoq.fault.chaosmesh.ApiException.Reason;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Asks the API server, with bounds of its own: through fabric8's HTTP client, which knows the credentials and renews them, but without
 * its retries, which know no bound in time. Thread-safe.
 */
final class ClusterApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);
    /** Of a pod that takes longer to answer the time tells nothing. */
    private static final Duration PAGE = Duration.ofSeconds(5);

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}");

    private final HttpClient http;
    private final String root;
    private final Pace pace;

    /** What came back. */
    private record Answer(int code, String text, JsonNode body, Optional<Duration> retryAfter) {
        /** The server's own words. */
        String message() {
            var message = body.path("message").asText("");
            return (message.isEmpty() ? text : message).strip();
        }
    }

    ClusterApi(KubernetesClient client, Pace pace) {
        var request = new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(Math.toIntExact(pace.request().toMillis()))
                .build();
        http = client.newClient(request).getHttpClient();
        var url = client.getMasterUrl().toString();
        root = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.pace = pace;
    }

    /**
     * Asks once.
     *
     * @throws ApiException for every answer but success
     */
    JsonNode once(Request request) {
        var answer = send(request);
        if (answer.code() >= 200 && answer.code() < 300) {
            return answer.body();
        }
        throw refusal(request, answer);
    }

    /** Asks once; empty if there is no such thing. */
    Optional<JsonNode> find(Request request) {
        return present(() -> once(request));
    }

    /** Asks again while it may help, up to {@link Pace#retries}. */
    JsonNode patiently(Request request) {
        var until = RunClock.now() + pace.retries().toNanos();
        var pause = FIRST_PAUSE;
        while (true) {
            Duration wait;
            ApiException failure;
            try {
                var answer = send(request);
                if (answer.code() >= 200 && answer.code() < 300) {
                    return answer.body();
                }
                failure = refusal(request, answer);
                wait = answer.retryAfter()
                        .filter(asked -> asked.compareTo(FIRST_PAUSE) > 0)
                        .orElse(pause);
            } catch (ApiException e) {
                failure = e;
                wait = pause;
            }
            // A conflict of a create is for the caller: it does not pass by asking again.
            if (!failure.mayPass()
                    || (failure.reason() == Reason.CONFLICT && request.verb().equals("create"))) {
                throw failure;
            }
            if (RunClock.now() + wait.toNanos() > until) {
                throw new ApiException(
                        failure.reason(), failure.getMessage() + "; asked for " + GoDuration.format(pace.retries()));
            }
            Pace.restUndisturbed(wait);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    /** The same; empty if there is no such thing. */
    Optional<JsonNode> findPatiently(Request request) {
        return present(() -> patiently(request));
    }

    /** The plurals of the chaos kinds that the cluster has; empty without Chaos Mesh. */
    List<String> chaosResources() {
        var names = new ArrayList<String>();
        findPatiently(new Request(
                        "get",
                        "",
                        "",
                        "/apis/" + ChaosKind.API_VERSION,
                        Optional.empty(),
                        "read which chaos kinds the cluster has"))
                .ifPresent(list -> list.path("resources")
                        .forEach(resource -> names.add(resource.path("name").asText())));
        return List.copyOf(names);
    }

    private static Optional<JsonNode> present(Supplier<JsonNode> asked) {
        try {
            return Optional.of(asked.get());
        } catch (ApiException e) {
            if (e.reason() == Reason.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A page that a pod may have. */
    record PodPage(int port, String path) {}

    /** The first of a pod's pages that has a {@code Date}: all are asked at once, since nobody knows which ports are silent. */
    Optional<PodPage> pageWithDate(String namespace, String pod, List<PodPage> pages) {
        var answers = pages.stream().map(page -> page(namespace, pod, page)).toList();
        try {
            var unused = await(CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)), bound(PAGE));
        } catch (ExecutionException | TimeoutException e) {
            // Which of them answered is seen below.
        }
        var first = Optional.<PodPage>empty();
        for (var i = pages.size() - 1; i >= 0; i--) {
            var answer = answers.get(i);
            if (answer.isDone()
                    && !answer.isCompletedExceptionally()
                    && date(answer.join()).isPresent()) {
                first = Optional.of(pages.get(i));
            }
            answer.cancel(true);
        }
        return first;
    }

    private CompletableFuture<HttpResponse<String>> page(String namespace, String pod, PodPage page) {
        return http.sendAsync(
                http.newHttpRequestBuilder()
                        .uri(root + "/api/v1/namespaces/" + namespace + "/pods/" + pod + ":" + page.port() + "/proxy"
                                + page.path())
                        .timeout(bound(PAGE).toMillis(), TimeUnit.MILLISECONDS)
                        .build(),
                String.class);
    }

    private Duration bound(Duration wanted) {
        return wanted.compareTo(pace.request()) < 0 ? wanted : pace.request();
    }

    private static Optional<String> date(HttpResponse<String> response) {
        return response.code() >= 200 && response.code() < 300
                ? Optional.ofNullable(response.header("Date"))
                : Optional.empty();
    }

    /**
     * The {@code Date} of a pod's page, asked through the API server; empty if there is no such page. To an answer without a Date the API
     * server adds its own, and pages of errors often have none.
     */
    Optional<String> podDate(String namespace, String pod, PodPage page) {
        try {
            return date(await(page(namespace, pod, page), bound(PAGE)));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    /** A text, as a log is; empty for every answer but success. */
    Optional<String> text(Request request) {
        try {
            var answer = send(request);
            return answer.code() == 200 ? Optional.of(answer.text()) : Optional.empty();
        } catch (ApiException e) {
            return Optional.empty();
        }
    }

    private Answer send(Request request) {
        var builder = http.newHttpRequestBuilder()
                .uri(root + request.path())
                .timeout(pace.request().toMillis(), TimeUnit.MILLISECONDS)
                .header("Accept", "application/json");
        var body = request.body().orElse("");
        if (!request.method().equals("GET")) {
            builder.method(request.method(), request.contentType(), body.isEmpty() ? "{}" : body);
        }
        HttpResponse<String> response;
        try {
            // The client's own bound is the request's; this one is for what it does not bound.
            response = await(
                    http.sendAsync(builder.build(), String.class),
                    pace.request().plusSeconds(5));
        } catch (TimeoutException e) {
            throw new ApiException(
                    Reason.UNAVAILABLE,
                    "cannot " + request.what() + ": no answer from the API server " + root + " within "
                            + GoDuration.format(pace.request()));
        } catch (ExecutionException e) {
            throw new ApiException(
                    Reason.UNAVAILABLE,
                    "cannot " + request.what() + ": the connection to the API server " + root + " failed: "
                            + deepest(e));
        }
        var text = response.body() == null ? "" : response.body();
        return new Answer(response.code(), text, parse(text), retryAfter(response));
    }

    private static String deepest(Throwable thrown) {
        var cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** Waits whatever interrupts, since the answer decides what has to be undone; the bound is short. */
    private static <T> T await(CompletableFuture<T> future, Duration bound)
            throws ExecutionException, TimeoutException {
        var until = RunClock.now() + bound.toNanos();
        var interrupted = false;
        try {
            while (true) {
                try {
                    return future.get(Math.max(0, until - RunClock.now()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (TimeoutException e) {
            future.cancel(true);
            throw e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static JsonNode parse(String text) {
        try {
            return text.startsWith("{") ? JSON.readTree(text) : MissingNode.getInstance();
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** The header, or what a Status says (API conventions, {@code details.retryAfterSeconds}). */
    private static Optional<Duration> retryAfter(HttpResponse<String> response) {
        var header = response.header("Retry-After");
        if (header != null && SECONDS.matcher(header.strip()).matches()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(header.strip())));
        }
        var seconds = parse(response.body() == null ? "" : response.body())
                .path("details")
                .path("retryAfterSeconds")
                .asLong(0);
        return seconds > 0 ? Optional.of(Duration.ofSeconds(seconds)) : Optional.empty();
    }

    private ApiException refusal(Request request, Answer answer) {
        var said = answer.message().isEmpty() ? "no reason given" : answer.message();
        var head = "cannot " + request.what() + ": ";
        return switch (answer.code()) {
            case 401 ->
                new ApiException(
                        Reason.UNAUTHENTICATED,
                        head + "the API server " + root + " does not accept the credentials (401 " + said
                                + "), as with an expired token. Next step: log in again (kubectl auth whoami must answer),"
                                + " or give the runner pod a service account whose token is renewed");
            case 403 ->
                byWebhook(said)
                        ? new ApiException(Reason.REJECTED, head + "Chaos Mesh's webhook refuses it: " + said)
                        : new ApiException(
                                Reason.FORBIDDEN,
                                head + "not allowed to " + request.verb() + " " + request.resource()
                                        + (request.namespace().isEmpty() ? "" : " in namespace " + request.namespace())
                                        + " (403 " + said + "). Next step: " + request.canI()
                                        + ", and grant that verb to the service account's role");
            case 404 -> new ApiException(Reason.NOT_FOUND, head + "not found (404 " + said + ")");
            case 409 -> new ApiException(Reason.CONFLICT, head + "conflict (409 " + said + ")");
            case 400, 405, 415, 422 ->
                new ApiException(
                        Reason.REJECTED, head + "the API server rejects it (" + answer.code() + " " + said + ")");
            case 429 ->
                new ApiException(
                        Reason.BUSY,
                        head + "the API server is overloaded (429 " + said
                                + answer.retryAfter()
                                        .map(span -> ", to be asked again after " + GoDuration.format(span))
                                        .orElse("")
                                + ")");
            default ->
                new ApiException(
                        Reason.UNAVAILABLE,
                        head + "the API server answers " + answer.code() + " " + said
                                + Diagnosis.of(said).map(cause -> ". " + cause).orElse(""));
        };
    }

    /** A webhook's refusal and RBAC's have the same code; only the words tell them apart. */
    private static boolean byWebhook(String said) {
        return said.contains("admission webhook");
    }
}
