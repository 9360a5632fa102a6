package io.havoq.environment.k3s;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Volume;
import io.havoq.environment.EnvironmentException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;
import org.testcontainers.utility.TestcontainersConfiguration;

/** The Docker daemon that Testcontainers finds, and K3s in one of its containers. */
final class DockerDaemon implements ContainerDaemon {
    private static final long PULL_MINUTES = 10;

    private static final String CGROUPS = "/sys/fs/cgroup";

    /** In the node's own file system: /run is in memory. */
    private static final String IN_NODE = "/havoq-images.tar";

    private final DockerClient client;
    private final String address;

    /** @throws EnvironmentException if there is none, with the next step */
    DockerDaemon() {
        try {
            client = DockerClientFactory.instance().client();
            address = String.valueOf(
                    DockerClientFactory.instance().getTransportConfig().getDockerHost());
        } catch (RuntimeException e) {
            throw new EnvironmentException(explained(e), e);
        }
    }

    static String explained(RuntimeException problem) {
        var causes = causes(problem);
        var text =
                causes.stream().map(cause -> String.valueOf(cause.getMessage())).collect(Collectors.joining(" "));
        if (text.contains("RemoteDockerImage")) {
            // It has found the daemon, and asks one of its containers for the way to the published ports.
            return "Testcontainers cannot have an image that it needs itself, named in its log (" + last(causes)
                    + "): where this process runs in a container, it asks alpine:3.17 for the way to the Docker host. Load that"
                    + " image into the Docker daemon, or set the environment variable TESTCONTAINERS_HOST_OVERRIDE to the host where"
                    + " published ports are reached (see docs/k3s.md)";
        }
        if (text.contains("ryuk")) {
            return "Testcontainers cannot have its cleaner (" + last(causes) + "): load the image "
                    + "testcontainers/ryuk into the Docker daemon, or set the environment variable TESTCONTAINERS_RYUK_DISABLED=true;"
                    + " what a killed run leaves, Havoq's next run removes";
        }
        return "havoq.environment=k3s needs a Docker daemon, and none answers (" + last(causes)
                + "): start one, or set DOCKER_HOST; what Testcontainers has tried is in its log."
                + " Without Docker: havoq.environment=local, or kubernetes with a cluster that is there already";
    }

    private static List<Throwable> causes(Throwable problem) {
        return Stream.<Throwable>iterate(problem, cause -> cause != null, Throwable::getCause)
                .limit(20)
                .toList();
    }

    private static String last(List<Throwable> causes) {
        return causes.stream()
                .map(Throwable::getMessage)
                .filter(message -> message != null && !message.isBlank())
                .reduce((first, second) -> second)
                .orElse("no reason was given")
                .strip();
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public boolean has(String image) {
        try {
            client.inspectImageCmd(image).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    @Override
    public void pull(String image) throws IOException {
        try {
            if (!client.pullImageCmd(image).start().awaitCompletion(PULL_MINUTES, TimeUnit.MINUTES)) {
                throw new IOException("not pulled within " + PULL_MINUTES + " min");
            }
        } catch (DockerException e) {
            throw new IOException(last(causes(e)), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void load(Path tar) throws IOException {
        try (var in = Files.newInputStream(tar)) {
            client.loadImageCmd(in).exec();
        } catch (DockerException e) {
            throw new IOException(last(causes(e)), e);
        }
    }

    @Override
    public void save(String image, Path tar) throws IOException {
        try (InputStream out = client.saveImageCmd(image).exec()) {
            Files.copy(out, tar, StandardCopyOption.REPLACE_EXISTING);
        } catch (DockerException e) {
            throw new IOException(last(causes(e)), e);
        }
    }

    @Override
    public List<String> remove(String label, String value) {
        var removed = new ArrayList<String>();
        for (var container : client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(label, value))
                .exec()) {
            remove(container.getId());
            removed.add(name(container));
        }
        return removed;
    }

    private void remove(String id) {
        try {
            client.removeContainerCmd(id)
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        } catch (NotFoundException e) {
            // Somebody was faster: Testcontainers' own cleaner, for one.
            return;
        }
    }

    private static String name(Container container) {
        return container.getNames() == null || container.getNames().length == 0
                ? container.getId()
                : container.getNames()[0].replaceFirst("^/", "");
    }

    @Override
    public Node start(Request request) throws IOException {
        if (request.reuse() && !TestcontainersConfiguration.getInstance().environmentSupportsReuse()) {
            throw new EnvironmentException(
                    K3sSettings.REUSE.key()
                            + "=true needs Testcontainers' leave: write testcontainers.reuse.enable=true into"
                            + " ~/.testcontainers.properties, or set the environment variable TESTCONTAINERS_REUSE_ENABLE=true");
        }
        var ports = Stream.concat(Stream.of(6443), request.ports().stream()).toArray(Integer[]::new);
        var log = new StartingLog(request.timeout());
        var container =
                new K3sContainer(DockerImageName.parse(request.image()).asCompatibleSubstituteFor("rancher/k3s"));
        // Testcontainers' own way to mount it asks first whether files can be mounted, with one more image that would
        // have to be had.
        container.setBinds(new ArrayList<>());
        container
                .withExposedPorts(ports)
                .withLabels(request.labels())
                .withReuse(request.reuse())
                .withCommand(
                        "server",
                        "--disable=traefik,servicelb,metrics-server",
                        "--tls-san=" + container.getHost(),
                        // Else the kubelet removes what was loaded once the disk is 85 % full, and nothing can be
                        // pulled again.
                        "--kubelet-arg=image-gc-high-threshold=100")
                .withCreateContainerCmdModifier(command -> Objects.requireNonNull(command.getHostConfig())
                        .withBinds(new Bind(CGROUPS, new Volume(CGROUPS), AccessMode.rw)))
                .withLogConsumer(log)
                .waitingFor(log);
        try {
            container.start();
        } catch (RuntimeException e) {
            // An interrupted thread can ask the daemon nothing: its channel would be closed (InterruptibleChannel).
            var interrupted = Thread.interrupted();
            try {
                container.stop();
                throw new IOException(last(causes(e)) + log.lastLines(), e);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        return new StartedNode(container);
    }

    /** K3s as Testcontainers has started it. */
    private record StartedNode(K3sContainer container) implements Node {
        @Override
        public String kubeconfig() {
            return container.getKubeConfigYaml();
        }

        @Override
        public String address(int port) {
            return container.getHost() + ":" + container.getMappedPort(port);
        }

        @Override
        public void loadImages(Path tar) throws IOException {
            try {
                container.copyFileToContainer(MountableFile.forHostPath(tar), IN_NODE);
            } catch (RuntimeException e) {
                throw new IOException("the images of " + tar + " cannot be copied into K3s: " + last(causes(e)), e);
            }
            exec("ctr", "-n", "k8s.io", "images", "import", IN_NODE).ifPresent(problem -> {
                throw new EnvironmentException("the images of " + tar + " cannot be loaded into K3s: " + problem);
            });
            exec("rm", "-f", IN_NODE).ifPresent(problem -> {
                throw new EnvironmentException(IN_NODE + " cannot be removed from the node: " + problem);
            });
        }

        /** What a command that failed has said. */
        private Optional<String> exec(String... command) throws IOException {
            try {
                var result = container.execInContainer(command);
                return result.getExitCode() == 0
                        ? Optional.empty()
                        : Optional.of(Arrays.toString(command) + " ended with " + result.getExitCode() + ": "
                                + (result.getStderr() + result.getStdout()).strip());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }
}
