package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.havoq.fault.chaosmesh.ChaosMeshLabels;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Keeps what the cluster forgets: of each experiment the pods, their logs and those of the containers before, the events, the
 * figures, and the chaos objects as they were before their removal. What cannot be had is told in a file of its own, and never keeps an experiment
 * from going on. Thread-safe.
 */
final class Artifacts {
    private static final System.Logger LOG = System.getLogger(Artifacts.class.getName());

    /** Logs from shortly before the experiment: its first seconds must not be missing. */
    private static final Duration BEFORE = Duration.ofSeconds(5);

    /** Names of variables whose value is nobody's business. */
    private static final Pattern SECRET = Pattern.compile("(?i).*(pass|secret|token|key|credential|cookie|auth).*");

    private final KubernetesClient client;
    private final String namespace;
    private final String run;
    private final BrokerPods pods;
    private final PodLogs logs;
    private final Figures figures;
    private final Path directory;
    private String experiment = "";
    private long since = RunClock.now();

    /** @param output under {@code kubernetes} there, a directory for each experiment */
    Artifacts(
            KubernetesClient client,
            String namespace,
            String run,
            BrokerPods pods,
            PodLogs logs,
            Figures figures,
            Path output) {
        this.client = client;
        this.namespace = namespace;
        this.run = run;
        this.pods = pods;
        this.logs = logs;
        this.figures = figures;
        this.directory = output.resolve("kubernetes");
    }

    /** From now on everything belongs to this experiment. */
    synchronized void begin(String id) {
        experiment = id;
        since = RunClock.now();
    }

    /** The chaos objects of a kind, with the records in their status, while they are there. */
    void beforeRemoval(String kind) {
        keep("chaos-" + ChaosObjects.plural(kind) + ".yaml", () -> yaml(objects(kind)));
    }

    private List<GenericKubernetesResource> objects(String kind) {
        return client.genericKubernetesResources(ChaosObjects.of(kind))
                .inNamespace(namespace)
                .withLabel(ChaosMeshLabels.RUN, run)
                .list()
                .getItems();
    }

    /** Everything else, at the experiment's end. */
    void end() {
        var seconds = RunClock.between(since(), RunClock.now()).plus(BEFORE).toSeconds();
        var until = Instant.now();
        var from = until.minusSeconds(seconds);
        var present = new ArrayList<Pod>();
        keep("pods.yaml", () -> {
            present.addAll(pods.list());
            return yaml(present.stream().map(Artifacts::withoutSecrets).toList());
        });
        keep("events.txt", () -> events().stream().map(Artifacts::line).collect(Collectors.joining("\n", "", "\n")));
        for (var pod : present) {
            var name = pod.getMetadata().getName();
            keep("metrics/" + name + ".txt", () -> figures.page(pod));
            for (var one : pod.getSpec().getContainers()) {
                var container = one.getName();
                keep(
                        "logs/" + name + "." + container + ".log",
                        () -> logs.since(name, container, false, seconds).orElse(""));
                keep(
                        "logs/" + name + "." + container + ".previous.log",
                        () -> logs.since(name, container, true, seconds).orElse(""));
            }
        }
        keep(
                "metrics/prometheus.json",
                () -> figures.over(
                        from,
                        until,
                        present.stream().map(pod -> pod.getMetadata().getName()).toList()));
    }

    private synchronized long since() {
        return since;
    }

    /** Of the namespace, oldest first. */
    private List<Event> events() {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .sorted(Comparator.comparing(Artifacts::at))
                .toList();
    }

    private static String at(Event event) {
        return Optional.ofNullable(event.getLastTimestamp())
                .or(() -> Optional.ofNullable(event.getFirstTimestamp()))
                .or(() -> Optional.ofNullable(event.getEventTime()).map(time -> time.getTime()))
                .or(() -> Optional.ofNullable(event.getMetadata().getCreationTimestamp()))
                .orElse("");
    }

    private static String line(Event event) {
        var about = event.getInvolvedObject();
        return at(event) + " " + event.getType() + " " + event.getReason() + " "
                + (about == null ? "" : about.getKind() + "/" + about.getName()) + ": " + event.getMessage()
                + (event.getCount() == null || event.getCount() < 2 ? "" : " (x" + event.getCount() + ")");
    }

    private static Pod withoutSecrets(Pod pod) {
        var copy = new PodBuilder(pod).build();
        copy.getMetadata().setManagedFields(List.of());
        var containers = new ArrayList<>(copy.getSpec().getContainers());
        containers.addAll(
                Optional.ofNullable(copy.getSpec().getInitContainers()).orElse(List.of()));
        for (var container : containers) {
            for (var variable : Optional.ofNullable(container.getEnv()).orElse(List.of())) {
                if (variable.getValue() != null
                        && SECRET.matcher(variable.getName()).matches()) {
                    variable.setValue("***");
                }
            }
        }
        return copy;
    }

    private static String yaml(List<? extends HasMetadata> objects) {
        return objects.stream().map(Serialization::asYaml).collect(Collectors.joining());
    }

    /** What is to be kept, when it is to be kept. */
    @FunctionalInterface
    private interface Content {
        /** @throws IOException saying why it cannot be had */
        String text() throws IOException;
    }

    private void keep(String file, Content content) {
        String of;
        synchronized (this) {
            of = experiment;
        }
        var target = directory.resolve(of.isEmpty() ? "before" : of).resolve(file);
        var interrupted = Thread.interrupted(); // a request, and a file's channel, end under an interrupted thread
        try {
            var text = "";
            var problem = "";
            try {
                text = content.text();
            } catch (KubernetesClientException e) {
                problem = ApiProblem.reason(e);
            } catch (IOException e) {
                problem = String.valueOf(e.getMessage());
            }
            if (!problem.isEmpty()) {
                write(target.resolveSibling(target.getFileName() + ".missing"), problem + "\n");
            } else if (!text.isBlank()) {
                write(target, text);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "an artifact of the experiment could not be written: " + e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(Optional.ofNullable(file.getParent()).orElseThrow());
        Files.writeString(file, text);
    }
}
