package io.havoq.environment.k3s;

import io.havoq.environment.EnvironmentException;
import io.havoq.journal.Journal;
import io.havoq.journal.Undo;
import io.havoq.manifest.ManifestSettings;
import io.havoq.settings.Setting;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Brings up the cluster step by step, each undone in {@link #close} or, if this process is killed, by the next run. */
final class K3sCluster implements AutoCloseable {
    /** On every container; its value is the run's, or {@link #REUSED}. */
    static final String LABEL = "io.havoq.k3s";

    static final String REUSED = "reused";

    private static final String KIND = "k3s-container";
    private static final String CHAOS_MESH = "chaos-mesh";
    private static final String DEFAULT_NAMESPACE = "default";

    /** In the range that Kubernetes has for node ports; nothing else of the cluster uses them. */
    private static final int FIRST_NODE_PORT = 31880;

    private static final int MOST_BROKERS = 9;
    private static final Pattern IMAGE = Pattern.compile("(?m)^\\s*(?:- )?image:\\s*[\"']?([^\\s\"'#]+)");

    /**
     * How the Kubernetes environment gets there.
     *
     * @param settings the user's, with what is only known now
     */
    record Access(Settings settings, String kubeconfig) {}

    private final Settings settings;
    private final Path state;
    private final Consumer<String> progress;
    private final ChartInstaller charts;
    private final Function<String, BrokerCluster> clients;
    private final String run = UUID.randomUUID().toString();
    private @Nullable Journal journal;
    private @Nullable Scratch scratch;
    private @Nullable ContainerDaemon daemon;
    private boolean recorded;

    K3sCluster(
            Settings settings,
            Path state,
            Consumer<String> progress,
            ChartInstaller charts,
            Function<String, BrokerCluster> clients) {
        this.settings = settings;
        this.state = state;
        this.progress = progress;
        this.charts = charts;
        this.clients = clients;
    }

    Access start(ContainerDaemon docker) {
        daemon = docker;
        try {
            sweep(docker);
            var manifests = manifests();
            image(docker);
            var opened = Journal.open(state);
            journal = opened;
            var files = Scratch.in(state.resolve("k3s-" + run), opened);
            scratch = files;
            var node = node(docker, opened);
            var kubeconfig = node.kubeconfig();
            images(docker, node, manifests, files);
            try (var cluster = clients.apply(kubeconfig)) {
                chaosMesh(cluster, kubeconfig, files);
                files.close();
                return new Access(broker(cluster, node, manifests), kubeconfig);
            }
        } catch (IOException e) {
            throw new EnvironmentException(
                    "the k3s cluster cannot be started: " + e.getMessage() + " (state directory " + state + ")", e);
        }
    }

    /** What killed runs of this machine have left in this daemon. */
    private void sweep(ContainerDaemon docker) throws IOException {
        var swept = Journal.sweep(state, Map.of(KIND, undo -> removed(docker, undo)));
        swept.undone().forEach(done -> progress.accept("left by an earlier run: " + done));
        swept.problems().forEach(progress);
    }

    private static String removed(ContainerDaemon docker, Undo undo) throws IOException {
        var where = undo.details().getOrDefault("daemon", "");
        if (!where.equals(docker.address())) {
            throw new IOException("its Docker daemon is " + where + ", this run's is " + docker.address()
                    + ": a run with that DOCKER_HOST removes it, or docker rm -fv by hand");
        }
        var names = docker.remove(LABEL, undo.details().getOrDefault("run", ""));
        return names.isEmpty() ? "" : "removed K3s container " + String.join(", ", names);
    }

    private void image(ContainerDaemon docker) throws IOException {
        var image = settings.get(K3sSettings.IMAGE).strip();
        if (docker.has(image)) {
            return;
        }
        var tar = settings.get(K3sSettings.IMAGE_TAR).strip();
        if (!tar.isEmpty()) {
            progress.accept("loading " + tar);
            docker.load(existing(K3sSettings.IMAGE_TAR, tar));
            if (!docker.has(image)) {
                throw new EnvironmentException(K3sSettings.IMAGE_TAR.key() + ": " + tar + " does not hold " + image
                        + ": expected what docker save " + image + " writes, or name its image with "
                        + K3sSettings.IMAGE.key());
            }
            return;
        }
        progress.accept("pulling " + image);
        try {
            docker.pull(image);
        } catch (IOException e) {
            throw new EnvironmentException(
                    "the image " + image + " is not in the Docker daemon " + docker.address()
                            + " and cannot be pulled ("
                            + e.getMessage() + "): where it can be had, docker save -o k3s.tar " + image
                            + ", then give the file with " + K3sSettings.IMAGE_TAR.key()
                            + ", or name another image with "
                            + K3sSettings.IMAGE.key(),
                    e);
        }
    }

    private ContainerDaemon.Node node(ContainerDaemon docker, Journal opened) throws IOException {
        var reuse = settings.get(K3sSettings.REUSE);
        if (!reuse) {
            opened.record(new Undo(run, KIND, Map.of("run", run, "daemon", docker.address())));
            recorded = true;
        }
        progress.accept("starting K3s");
        return docker.start(new ContainerDaemon.Request(
                settings.get(K3sSettings.IMAGE).strip(),
                Map.of(LABEL, reuse ? REUSED : run),
                IntStream.range(FIRST_NODE_PORT, FIRST_NODE_PORT + MOST_BROKERS)
                        .boxed()
                        .toList(),
                reuse,
                timeout()));
    }

    private Duration timeout() {
        return settings.get(K3sSettings.START_TIMEOUT);
    }

    /** Those that are asked for, and those of the broker that need not be pulled since they are here. */
    private void images(
            ContainerDaemon docker, ContainerDaemon.Node node, Map<String, String> manifests, Scratch scratch)
            throws IOException {
        var wanted = new LinkedHashSet<>(settings.get(K3sSettings.IMAGES));
        manifests.values().forEach(text -> named(text).filter(docker::has).forEach(wanted::add));
        for (var image : wanted) {
            progress.accept("loading " + image + " into K3s");
            if (Files.isRegularFile(Path.of(image))) {
                node.loadImages(Path.of(image));
            } else if (docker.has(image)) {
                fromDaemon(docker, node, image, scratch.file("image.tar"));
            } else {
                throw new EnvironmentException(K3sSettings.IMAGES.key() + ": '" + image
                        + "' is neither a file nor an image of the Docker daemon " + docker.address()
                        + ": expected a file made by docker save, or an image that docker images lists");
            }
        }
    }

    private static void fromDaemon(ContainerDaemon docker, ContainerDaemon.Node node, String image, Path tar)
            throws IOException {
        try {
            docker.save(image, tar);
            node.loadImages(tar);
        } finally {
            Files.deleteIfExists(tar);
        }
    }

    private static java.util.stream.Stream<String> named(String manifest) {
        return IMAGE.matcher(manifest).results().map(found -> found.group(1));
    }

    private void chaosMesh(BrokerCluster cluster, String kubeconfig, Scratch scratch) throws IOException {
        var version = settings.get(K3sSettings.CHAOS_MESH_VERSION).strip();
        var location = settings.get(K3sSettings.CHAOS_MESH_CHART).strip().replace("{version}", version);
        progress.accept("installing Chaos Mesh " + version + " from " + location);
        charts.install(
                kubeconfig,
                new ChartInstaller.Chart(
                        location, CHAOS_MESH, CHAOS_MESH, values(scratch), Map.of("images.tag", "v" + version)),
                scratch.directory("helm"));
        cluster.awaitReady(CHAOS_MESH, timeout());
    }

    private Path values(Scratch scratch) throws IOException {
        var given = settings.get(K3sSettings.CHAOS_MESH_VALUES).strip();
        return given.isEmpty()
                ? Files.writeString(scratch.file("values.yaml"), resource("values-k3s.yaml"))
                : existing(K3sSettings.CHAOS_MESH_VALUES, given);
    }

    private Settings broker(BrokerCluster cluster, ContainerDaemon.Node node, Map<String, String> manifests) {
        var asked = settings.get(ManifestSettings.NAMESPACE);
        var namespace = asked.isEmpty() ? DEFAULT_NAMESPACE : asked;
        progress.accept("deploying the broker: " + String.join(", ", manifests.keySet()));
        manifests.forEach((source, text) -> cluster.apply(source, text, namespace));
        cluster.awaitReady(namespace, timeout());
        var pods = cluster.brokers(namespace);
        if (pods.isEmpty() || pods.size() > MOST_BROKERS) {
            throw new EnvironmentException(String.join(", ", manifests.keySet()) + ": " + pods.size()
                    + " pods of StatefulSets in namespace " + namespace + ": expected 1 to " + MOST_BROKERS);
        }
        // Named, as one has to for faults to be allowed there: nobody else's pods are in a cluster made for the run.
        var named = settings.with(ManifestSettings.NAMESPACE, namespace);
        return K3sAddresses.given(settings)
                ? K3sAddresses.inContext(named)
                : K3sAddresses.of(named, opened(cluster, node, namespace, pods));
    }

    private Map<String, String> opened(
            BrokerCluster cluster, ContainerDaemon.Node node, String namespace, List<String> pods) {
        var addresses = new TreeMap<String, String>();
        for (var index = 0; index < pods.size(); index++) {
            var port = FIRST_NODE_PORT + index;
            cluster.open(namespace, pods.get(index), K3sAddresses.mqttPort(settings), port);
            addresses.put(pods.get(index), node.address(port));
        }
        return addresses;
    }

    /** The broker's files by name; read before anything is started. */
    private Map<String, String> manifests() throws IOException {
        var files = settings.get(K3sSettings.BROKER);
        if (files.isEmpty()) {
            return Map.of("the reference broker", resource("reference.yaml"));
        }
        var texts = new TreeMap<String, String>();
        for (var file : files) {
            texts.put(file, Files.readString(existing(K3sSettings.BROKER, file)));
        }
        return texts;
    }

    private static Path existing(Setting<?> setting, String text) {
        var file = Path.of(text);
        if (!Files.isRegularFile(file)) {
            throw new EnvironmentException(
                    "setting " + setting.key() + ": " + file.toAbsolutePath() + " does not exist or is no file");
        }
        return file;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = K3sCluster.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the library does not carry " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws IOException {
        var files = scratch;
        try {
            if (files != null) {
                files.close();
            }
        } finally {
            closeContainer();
        }
    }

    private void closeContainer() throws IOException {
        var docker = daemon;
        var opened = journal;
        if (docker != null && recorded) {
            // By label, not by handle: a start that broke off half-way has none.
            docker.remove(LABEL, run);
            if (opened != null) {
                opened.clear(run);
            }
        }
        if (opened != null) {
            opened.close();
        }
    }
}
