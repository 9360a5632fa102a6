package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.havoq.environment.EnvironmentException;
import io.havoq.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster is meant, and as whom: a context of a kubeconfig by its name, or the cluster that this process is a pod of. Never
 * the context that happens to be the current one.
 *
 * @param source for messages: the file, or where else the context is written
 */
record ClusterAccess(String context, String source, Reading reading) {
    /** The context's name for the cluster that this process runs in. */
    static final String IN_CLUSTER = "in-cluster";

    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** Retries of one request when the connection breaks or the server is busy: 3 s in all. */
    private static final int RETRIES = 5;

    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 10_000;

    /** Reads the access data, when a connection is made and not before. */
    @FunctionalInterface
    interface Reading {
        Config config();
    }

    /**
     * As the settings say.
     *
     * @throws IllegalArgumentException if they do not name a context
     */
    static ClusterAccess of(Settings settings) {
        return of(settings, System::getenv);
    }

    static ClusterAccess of(Settings settings, UnaryOperator<@Nullable String> environment) {
        var context = settings.get(KubernetesSettings.CONTEXT).strip();
        var files = files(settings, environment);
        if (context.isEmpty()) {
            throw new IllegalArgumentException("setting " + KubernetesSettings.CONTEXT.key()
                    + ": is not set, and the current context is never taken: expected the name of a context"
                    + present(files)
                    + ", or in-cluster in a pod");
        }
        if (context.equals(IN_CLUSTER)) {
            return new ClusterAccess(
                    context, SERVICE_ACCOUNT.toString(), () -> inCluster(environment, SERVICE_ACCOUNT));
        }
        return new ClusterAccess(context, text(files), () -> fromFiles(context, files));
    }

    /** A context of a kubeconfig that is given as text. */
    static ClusterAccess ofText(String context, String kubeconfig) {
        return new ClusterAccess(context, "the kubeconfig given", () -> {
            var parsed = parse("the kubeconfig given", kubeconfig);
            var chosen = chosen(context, Map.of("the kubeconfig given", parsed));
            // The client takes the current context of a text: in this copy it is the one that is meant.
            parsed.setCurrentContext(context);
            requireCluster(parsed, chosen);
            return bounded(Config.fromKubeconfig(Serialization.asYaml(parsed)));
        });
    }

    boolean inCluster() {
        return context.equals(IN_CLUSTER);
    }

    /**
     * A client; nothing is sent yet.
     *
     * @throws EnvironmentException if the access data cannot be read, certificates and keys included
     */
    KubernetesClient connect() {
        try {
            return new KubernetesClientBuilder().withConfig(reading.config()).build();
        } catch (KubernetesClientException e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            throw new EnvironmentException(
                    "the access data of the context " + context + " in " + source + " cannot be used: " + root
                            + "; expected certificates and keys in PEM that this user may read",
                    e);
        }
    }

    private static List<Path> files(Settings settings, UnaryOperator<@Nullable String> environment) {
        var given = settings.get(KubernetesSettings.KUBECONFIG);
        if (!given.isBlank()) {
            return List.of(Path.of(given.strip()));
        }
        var variable = environment.apply("KUBECONFIG");
        if (variable != null && !variable.isBlank()) {
            return Arrays.stream(variable.split(File.pathSeparator))
                    .filter(part -> !part.isBlank())
                    .map(Path::of)
                    .toList();
        }
        return List.of(Path.of(System.getProperty("user.home"), ".kube", "config"));
    }

    private static String text(List<Path> files) {
        return String.join(
                File.pathSeparator, files.stream().map(Path::toString).toList());
    }

    /** For the message that asks for a context: which there are, as far as that can be read. */
    private static String present(List<Path> files) {
        try {
            return " of " + text(files) + " (" + String.join(", ", names(parse(files))) + ")";
        } catch (EnvironmentException e) {
            return " of a kubeconfig (" + e.getMessage() + ")";
        }
    }

    private static Config fromFiles(String context, List<Path> files) {
        var parsed = parse(files);
        var chosen = chosen(context, parsed);
        var file = parsed.entrySet().stream()
                .filter(entry -> entry.getValue().getContexts().contains(chosen))
                .findFirst()
                .orElseThrow();
        requireCluster(file.getValue(), chosen);
        // From the file, not its text: the client reads it again when a token has expired.
        return bounded(Config.fromKubeconfig(context, new File(file.getKey())));
    }

    private static Map<String, io.fabric8.kubernetes.api.model.Config> parse(List<Path> files) {
        var parsed = new LinkedHashMap<String, io.fabric8.kubernetes.api.model.Config>();
        for (var file : files) {
            if (Files.exists(file)) {
                try {
                    parsed.put(file.toString(), parse(file.toString(), Files.readString(file)));
                } catch (IOException e) {
                    throw new EnvironmentException("the kubeconfig " + file + " cannot be read: " + e, e);
                }
            }
        }
        if (parsed.isEmpty()) {
            throw new EnvironmentException("there is no kubeconfig at " + text(files) + ": set "
                    + KubernetesSettings.KUBECONFIG.key() + ", or " + KubernetesSettings.CONTEXT.key()
                    + "=in-cluster where this process runs as a pod");
        }
        return parsed;
    }

    private static io.fabric8.kubernetes.api.model.Config parse(String source, String text) {
        io.fabric8.kubernetes.api.model.@Nullable Config parsed;
        try {
            parsed = Serialization.unmarshal(text, io.fabric8.kubernetes.api.model.Config.class);
        } catch (RuntimeException e) {
            throw new EnvironmentException(
                    source + " is no kubeconfig: "
                            + Optional.ofNullable(e.getMessage()).orElse("") + "; expected YAML"
                            + " with clusters, users and contexts",
                    e);
        }
        if (parsed == null
                || parsed.getContexts() == null
                || parsed.getContexts().isEmpty()) {
            throw new EnvironmentException(source
                    + " is no kubeconfig, or has no contexts: expected YAML with clusters," + " users and contexts");
        }
        return parsed;
    }

    private static List<String> names(Map<String, io.fabric8.kubernetes.api.model.Config> parsed) {
        return parsed.values().stream()
                .flatMap(config -> config.getContexts().stream())
                .map(NamedContext::getName)
                .distinct()
                .toList();
    }

    private static NamedContext chosen(String context, Map<String, io.fabric8.kubernetes.api.model.Config> parsed) {
        return parsed.values().stream()
                .flatMap(config -> config.getContexts().stream())
                .filter(one -> context.equals(one.getName()))
                .findFirst()
                .orElseThrow(() -> new EnvironmentException("context '" + context + "' ("
                        + KubernetesSettings.CONTEXT.key() + ") is not in " + String.join(", ", parsed.keySet())
                        + ": there are " + String.join(", ", names(parsed))));
    }

    /** The client looks for the context's cluster in the same file only. */
    private static void requireCluster(io.fabric8.kubernetes.api.model.Config parsed, NamedContext context) {
        var cluster = context.getContext() == null ? null : context.getContext().getCluster();
        var there = Optional.ofNullable(parsed.getClusters()).orElse(List.of()).stream()
                .anyMatch(one -> one.getName().equals(cluster));
        if (!there) {
            throw new EnvironmentException("the context '" + context.getName() + "' names the cluster '" + cluster
                    + "', which is not in the same kubeconfig file: make one file of them with kubectl config view"
                    + " --flatten, and name it with " + KubernetesSettings.KUBECONFIG.key());
        }
    }

    /** @param account where the kubelet has put the service account's token */
    static Config inCluster(UnaryOperator<@Nullable String> environment, Path account) {
        var host = environment.apply("KUBERNETES_SERVICE_HOST");
        var port = environment.apply("KUBERNETES_SERVICE_PORT");
        var token = account.resolve("token");
        if (host == null || port == null || !Files.isReadable(token)) {
            throw new EnvironmentException(
                    KubernetesSettings.CONTEXT.key() + "=in-cluster, but this process does not run"
                            + " in a pod with a service account (no KUBERNETES_SERVICE_HOST, or no " + token
                            + "): name a context of a kubeconfig");
        }
        var server = "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        var config = new ConfigBuilder(Config.empty())
                .withMasterUrl(server)
                .withCaCertFile(account.resolve("ca.crt").toString())
                .build();
        // Read for each request: the kubelet replaces it before it expires.
        config.setOauthTokenProvider(() -> {
            try {
                return Files.readString(token).strip();
            } catch (IOException e) {
                throw new EnvironmentException("the service account's token " + token + " cannot be read: " + e, e);
            }
        });
        return bounded(config);
    }

    /**
     * Every request within a bound, and over HTTP/1.1: an API server that does not accept the credentials ends an HTTP/2 connection with
     * GOAWAY, and the JDK's client (17) loses the 401 over it.
     */
    static Config bounded(Config config) {
        config.setHttp2Disable(true);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setRequestTimeout(REQUEST_MILLIS);
        config.setRequestRetryBackoffLimit(RETRIES);
        config.setUserAgent("havoq");
        return config;
    }
}
