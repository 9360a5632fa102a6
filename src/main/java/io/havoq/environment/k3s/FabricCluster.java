package io.havoq.environment.k3s;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.havoq.environment.EnvironmentException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The API server of the cluster, through fabric8. Thread-safe; {@link #close} ends whoever waits. */
final class FabricCluster implements BrokerCluster {
    private static final Duration PERIOD = Duration.ofMillis(500);

    /** A pull that failed once is tried again after 10 s (kubelet's image back-off): the second failure is believed. */
    private static final Duration PATIENCE_WITH_IMAGES = Duration.ofSeconds(25);

    private static final Set<String> NO_IMAGE =
            Set.of("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName");

    private final KubernetesClient client;
    private final CountDownLatch closed = new CountDownLatch(1);

    FabricCluster(String kubeconfig) {
        this(new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig))
                .build());
    }

    FabricCluster(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public void apply(String source, String text, String namespace) {
        List<HasMetadata> objects;
        try {
            objects = client.load(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                    .items();
        } catch (IllegalArgumentException | KubernetesClientException e) {
            throw new EnvironmentException(source + " cannot be read as Kubernetes objects: " + e.getMessage(), e);
        }
        for (var object : objects) {
            try {
                var resource = client.resource(object);
                (object.getMetadata().getNamespace() == null ? resource.inNamespace(namespace) : resource)
                        .fieldValidation(FieldValidateable.Validation.STRICT)
                        .forceConflicts()
                        .serverSideApply();
            } catch (KubernetesClientException e) {
                throw new EnvironmentException(
                        source + ": " + object.getKind() + " "
                                + object.getMetadata().getName() + " is refused: " + e.getMessage(),
                        e);
            }
        }
    }

    @Override
    public void awaitReady(String namespace, Duration timeout) {
        var deadline = System.nanoTime() + timeout.toNanos();
        var withoutImage = 0L;
        try {
            while (true) {
                var missing = unready(namespace);
                if (missing.isEmpty()) {
                    return;
                }
                var now = System.nanoTime();
                var images = imageProblems(namespace);
                if (images.isEmpty()) {
                    withoutImage = 0;
                } else if (withoutImage == 0) {
                    withoutImage = now;
                } else if (now - withoutImage > PATIENCE_WITH_IMAGES.toNanos()) {
                    throw new EnvironmentException("images cannot be had in the cluster: " + String.join("; ", images)
                            + ". Load them from a file made by docker save, or from the Docker daemon, with "
                            + K3sSettings.IMAGES.key());
                }
                if (now > deadline) {
                    throw new EnvironmentException("not ready in namespace " + namespace + " within "
                            + timeout.toSeconds() + " s: " + String.join("; ", missing) + details(namespace)
                            + ". More time: " + K3sSettings.START_TIMEOUT.key());
                }
                if (closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new EnvironmentException("closed while waiting for namespace " + namespace);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EnvironmentException("interrupted while waiting for namespace " + namespace, e);
        } catch (KubernetesClientException e) {
            throw new EnvironmentException(
                    "the API server does not say whether namespace " + namespace + " is ready: " + e.getMessage(), e);
        }
    }

    private List<String> unready(String namespace) {
        var missing = new ArrayList<String>();
        var workloads = 0;
        for (var set :
                client.apps().statefulSets().inNamespace(namespace).list().getItems()) {
            workloads++;
            report(missing, set, set.getSpec().getReplicas(), statefulReady(set));
        }
        for (var deployment :
                client.apps().deployments().inNamespace(namespace).list().getItems()) {
            workloads++;
            report(missing, deployment, deployment.getSpec().getReplicas(), ready(deployment));
        }
        for (var set : client.apps().daemonSets().inNamespace(namespace).list().getItems()) {
            workloads++;
            report(missing, set, wanted(set), ready(set));
        }
        if (workloads == 0) {
            missing.add("namespace " + namespace + " has no StatefulSet, Deployment or DaemonSet");
        }
        return missing;
    }

    private static void report(List<String> missing, HasMetadata workload, Integer wanted, int ready) {
        // Nobody has looked at it yet where it wants none: a DaemonSet without status.
        if (wanted == 0 || ready < wanted) {
            missing.add(
                    workload.getKind() + " " + workload.getMetadata().getName() + " has " + ready + " of " + wanted);
        }
    }

    private static int statefulReady(StatefulSet set) {
        var status = set.getStatus();
        return status == null
                        || status.getObservedGeneration() == null
                        || status.getObservedGeneration() < set.getMetadata().getGeneration()
                ? 0
                : number(status.getReadyReplicas());
    }

    private static int ready(Deployment deployment) {
        var status = deployment.getStatus();
        return status == null
                        || status.getObservedGeneration() == null
                        || status.getObservedGeneration()
                                < deployment.getMetadata().getGeneration()
                ? 0
                : number(status.getReadyReplicas());
    }

    private static int wanted(DaemonSet set) {
        return set.getStatus() == null ? 0 : number(set.getStatus().getDesiredNumberScheduled());
    }

    private static int ready(DaemonSet set) {
        return set.getStatus() == null ? 0 : number(set.getStatus().getNumberReady());
    }

    private static int number(@org.jspecify.annotations.Nullable Integer value) {
        return value == null ? 0 : value;
    }

    private List<String> imageProblems(String namespace) {
        return pods(namespace).stream()
                .flatMap(pod -> statuses(pod)
                        .filter(status -> status.getState() != null
                                && status.getState().getWaiting() != null
                                && NO_IMAGE.contains(
                                        status.getState().getWaiting().getReason()))
                        .map(status -> status.getImage() + " for " + namespace + "/"
                                + pod.getMetadata().getName() + " ("
                                + status.getState().getWaiting().getMessage() + ")"))
                .distinct()
                .toList();
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return pod.getStatus() == null
                ? Stream.empty()
                : Stream.concat(
                        pod.getStatus().getInitContainerStatuses().stream(),
                        pod.getStatus().getContainerStatuses().stream());
    }

    /** What the pods that are not ready say of themselves. */
    private String details(String namespace) {
        var found = new ArrayList<String>();
        for (var pod : pods(namespace)) {
            statuses(pod)
                    .filter(status -> !Boolean.TRUE.equals(status.getReady()))
                    .forEach(status -> {
                        var state = status.getState();
                        var why = state == null
                                ? "unknown"
                                : state.getWaiting() != null
                                        ? state.getWaiting().getReason() + " "
                                                + state.getWaiting().getMessage()
                                        : state.getTerminated() != null
                                                ? "exit status "
                                                        + state.getTerminated().getExitCode()
                                                : "runs, not ready";
                        found.add(pod.getMetadata().getName() + ": " + why + ", " + status.getRestartCount()
                                + " restarts");
                    });
            if (pod.getStatus() != null) {
                pod.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals("PodScheduled")
                                && condition.getStatus().equals("False"))
                        .forEach(condition -> found.add(pod.getMetadata().getName() + ": " + condition.getMessage()));
            }
        }
        return found.isEmpty() ? "" : " (" + String.join("; ", found) + ")";
    }

    private List<Pod> pods(String namespace) {
        return client.pods().inNamespace(namespace).list().getItems();
    }

    @Override
    public List<String> brokers(String namespace) {
        return client.apps().statefulSets().inNamespace(namespace).list().getItems().stream()
                .flatMap(set -> IntStream.range(0, set.getSpec().getReplicas())
                        .mapToObj(index -> set.getMetadata().getName() + "-" + index))
                .sorted()
                .toList();
    }

    @Override
    public void open(String namespace, String pod, int podPort, int nodePort) {
        var service = new ServiceBuilder()
                .withNewMetadata()
                .withName("havoq-outside-" + pod)
                .withNamespace(namespace)
                .addToLabels("app", "havoq")
                .endMetadata()
                .withNewSpec()
                .withType("NodePort")
                .withSelector(Map.of("statefulset.kubernetes.io/pod-name", pod))
                // Whether a pod serves is what the clients are to find out, not what its readiness probe thinks of it.
                .withPublishNotReadyAddresses(true)
                .addNewPort()
                .withName("mqtt")
                .withPort(podPort)
                .withNewTargetPort(podPort)
                .withNodePort(nodePort)
                .endPort()
                .endSpec()
                .build();
        try {
            client.resource(service).forceConflicts().serverSideApply();
        } catch (KubernetesClientException e) {
            throw new EnvironmentException(
                    "port " + nodePort + " cannot be opened for " + namespace + "/" + pod + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        client.close();
    }
}
