package io.havoq.environment.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.environment.Environment;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.kubernetes.KubernetesSettings;
import io.havoq.journal.Journal;
import io.havoq.journal.JournalSettings;
import io.havoq.journal.Undo;
import io.havoq.manifest.ManifestSettings;
import io.havoq.manifest.Manifests;
import io.havoq.settings.Setting;
import io.havoq.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class K3sEnvironmentTest {
    private static final String K3S = K3sSettings.IMAGE.defaultText();

    @TempDir
    Path directory;

    private final ScriptedDocker docker = new ScriptedDocker();
    private final List<String> told = new ArrayList<>();
    private Settings settings = Settings.fromSystemProperties();
    private @Nullable Settings given;

    @BeforeEach
    void settings() {
        settings = Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve("state").toString());
        docker.images.add(K3S);
    }

    private <T> void set(Setting<T> setting, Object value) {
        settings = settings.with(setting, value.toString());
    }

    private K3sEnvironment environment() {
        return new K3sEnvironment(
                settings,
                directory.resolve("output"),
                told::add,
                new K3sEnvironment.Parts(
                        () -> docker, docker, kubeconfig -> docker, (with, kubeconfig, output, progress) -> {
                            given = with;
                            return kubernetes();
                        }));
    }

    private Environment kubernetes() {
        return (Environment) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Environment.class}, (proxy, method, arguments) -> {
                    docker.diary.add("kubernetes " + method.getName());
                    if (docker.failing.equals("kubernetes " + method.getName())) {
                        throw new EnvironmentException("scripted: kubernetes fails");
                    }
                    docker.last("kubernetes " + method.getName());
                    return switch (method.getName()) {
                        case "description", "broker" -> "3 pods";
                        case "targets" -> List.of();
                        default -> null;
                    };
                });
    }

    private List<Path> journals() throws IOException {
        var journals = directory.resolve("state/journal");
        if (!Files.isDirectory(journals)) {
            return List.of();
        }
        try (var files = Files.list(journals)) {
            return files.toList();
        }
    }

    @Test
    void everythingIsBroughtUpInOrderAndRemovedAtTheEnd() throws IOException {
        var environment = environment();
        environment.start();
        environment.start();

        assertThat(docker.diary)
                .containsExactly(
                        "start",
                        "chart https://charts.chaos-mesh.org/chaos-mesh-2.8.3.tgz",
                        "ready chaos-mesh",
                        "apply the reference broker to default",
                        "ready default",
                        "open emqx-go-0 1883 at 31880",
                        "open emqx-go-1 1883 at 31881",
                        "open emqx-go-2 1883 at 31882",
                        "client closed",
                        "kubernetes start");
        assertThat(docker.containers).hasSize(1);
        assertThat(journals()).hasSize(1);
        assertThat(environment.description())
                .contains(K3S)
                .contains("Chaos Mesh 2.8.3")
                .contains("3 pods");

        docker.diary.clear();
        environment.close();
        environment.close();

        assertThat(docker.diary).containsExactly("kubernetes close", "remove [k3s-0]");
        assertThat(docker.containers).isEmpty();
        assertThat(journals()).isEmpty();
    }

    @Test
    void theKubernetesEnvironmentIsToldTheContextAndWhereEachPodIsReached() {
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(given).isNotNull();
        assertThat(given.get(KubernetesSettings.CONTEXT)).isEqualTo("default");
        assertThat(given.get(KubernetesSettings.ADDRESSES))
                .containsExactly("emqx-go-0=localhost:41880", "emqx-go-1=localhost:41881", "emqx-go-2=localhost:41882");
    }

    /** The Kubernetes environment injects nothing into a namespace that nobody named; this one was made for the faults. */
    @Test
    void theNamespaceIsNamedThoughTheUserNamesNone() {
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(given).isNotNull();
        assertThat(given.get(ManifestSettings.NAMESPACE)).isEqualTo("default");
    }

    /** What the Kubernetes environment refuses, doubts and keeps would otherwise be lost in the defaults of the interface. */
    @Test
    void whatTheKubernetesEnvironmentHasToSayIsAskedFor() {
        var fault = Manifests.readAll(List.of("chaos/01-pod-kill.yaml")).get(0).spec();
        try (var environment = environment()) {
            environment.start();
            docker.diary.clear();
            environment.prepare(List.of(fault));
            var allowed = environment.allows(List.of());
            var doubt = environment.doubt(fault);
            environment.endExperiment("x");
            assertThat(allowed).isNull(); // as the scripted one answers
            assertThat(doubt).isNull();
            assertThat(docker.diary)
                    .containsExactly(
                            "kubernetes prepare", "kubernetes allows", "kubernetes doubt", "kubernetes endExperiment");
        }
        assertThat(Arrays.stream(Environment.class.getMethods())
                        .filter(Method::isDefault)
                        .map(Method::getName))
                .isSubsetOf(Arrays.stream(K3sEnvironment.class.getDeclaredMethods())
                        .map(Method::getName)
                        .toList());
    }

    @Test
    void addressesThatAreGivenAreTaken() {
        set(KubernetesSettings.ADDRESSES, "mqtt-{ordinal}:1883");
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(docker.diary).noneMatch(step -> step.startsWith("open"));
        assertThat(given).isNotNull();
        assertThat(given.get(KubernetesSettings.ADDRESSES)).containsExactly("mqtt-{ordinal}:1883");
    }

    @Test
    void theContainerIsInTheJournalAndCarriesTheRunsLabelBeforeItIsStarted() {
        docker.failing = "start";

        assertThatThrownBy(() -> environment().start()).hasMessage("scripted: start fails");

        assertThat(docker.request).isNotNull();
        assertThat(docker.request.labels()).containsOnlyKeys(K3sCluster.LABEL);
        assertThat(docker.containers)
                .as("removed by its label, though there is no handle")
                .isEmpty();
    }

    @Test
    void aStartThatBreaksOffLeavesNothing() throws IOException {
        for (var step :
                List.of("ready chaos-mesh", "ready default", "open emqx-go-2 1883 at 31882", "kubernetes start")) {
            docker.failing = step;

            var environment = environment();
            assertThatThrownBy(environment::start).as(step).hasMessageContaining("scripted: ");
            assertThat(docker.containers).as(step).isEmpty();
            assertThat(journals()).as(step).isEmpty();
        }
    }

    @Test
    void aStartThatFailedIsNotTriedAgainAndSaysTheSame() {
        docker.failing = "ready default";
        var environment = environment();
        assertThatThrownBy(environment::start).hasMessage("scripted: ready default fails");
        docker.diary.clear();

        assertThatThrownBy(environment::start)
                .isInstanceOf(EnvironmentException.class)
                .hasMessage("scripted: ready default fails");

        assertThat(docker.diary).isEmpty();
    }

    /** Ctrl-C: the shutdown hook closes while another thread starts, and nobody wants to wait until the cluster is up. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closingBreaksOffAStartThatIsUnderWay() throws Exception {
        for (var step : List.of("start", "ready chaos-mesh", "ready default", "kubernetes start")) {
            docker.lasting = step;
            docker.lasts = new CountDownLatch(1);
            var environment = environment();
            var problem = new CompletableFuture<Throwable>();
            var starting = new Thread(
                    () -> {
                        try {
                            environment.start();
                            problem.complete(new AssertionError("started"));
                        } catch (RuntimeException e) {
                            problem.complete(e);
                        }
                    },
                    "starts");
            starting.start();
            docker.lasts.await();

            environment.close();

            assertThat(problem.get()).as(step).hasMessage("scripted: " + step + " is interrupted");
            starting.join();
            assertThat(docker.containers).as(step).isEmpty();
            assertThat(journals()).as(step).isEmpty();
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aStartThatIsBrokenOffDoesNotGoOnWhereAStepCannotBeInterrupted() {
        var environment = environment();
        var thread = Thread.currentThread();
        docker.during = Map.of("chart https://charts.chaos-mesh.org/chaos-mesh-2.8.3.tgz", () -> {
            var closing = new Thread(environment::close, "closes");
            closing.start();
            while (!thread.isInterrupted()) {
                Thread.onSpinWait();
            }
            // What swallows an interrupt, as foreign code does.
            Thread.interrupted();
        });

        assertThatThrownBy(environment::start).hasMessageContaining("closed while the cluster was being started");

        assertThat(docker.diary).noneMatch(step -> step.startsWith("apply"));
        assertThat(docker.containers).isEmpty();
    }

    @Test
    void theClusterGoesEvenIfTheKubernetesEnvironmentCannotBeClosed() {
        var environment = environment();
        environment.start();
        docker.failing = "kubernetes close";

        assertThatThrownBy(environment::close).hasMessageContaining("scripted: kubernetes fails");

        assertThat(docker.containers).isEmpty();
    }

    @Test
    void whatAKilledRunLeftIsRemovedByTheNextOne() throws IOException {
        leftByAKilledRun("dead", docker.address);
        docker.containers.put("orphan", Map.of(K3sCluster.LABEL, "dead"));
        docker.containers.put("of-somebody-else", Map.of(K3sCluster.LABEL, "alive"));

        try (var environment = environment()) {
            environment.start();
            assertThat(docker.containers).doesNotContainKey("orphan").containsKey("of-somebody-else");
        }

        assertThat(told).contains("left by an earlier run: removed K3s container orphan");
        assertThat(journals()).isEmpty();
    }

    @Test
    void whatIsLeftInAnotherDaemonStaysInTheJournalAndIsTold() throws IOException {
        leftByAKilledRun("dead", "tcp://elsewhere:2375");

        try (var environment = environment()) {
            environment.start();
        }

        assertThat(told).anyMatch(line -> line.contains("its Docker daemon is tcp://elsewhere:2375"));
        assertThat(journals()).hasSize(1);
    }

    /** Deleted by the next run if this one is killed meanwhile: an image, and 94 MB of Helm. */
    @Test
    void theFilesOfTheStartAreInTheJournalWhileTheyAreThere() throws IOException {
        var state = directory.resolve("state");
        var seen = new ArrayList<Path>();
        docker.images.add("havoq-reference:0.1.0-SNAPSHOT");
        docker.during = Map.of(
                "import saved", () -> seen.addAll(scratch(state)),
                "chart https://charts.chaos-mesh.org/chaos-mesh-2.8.3.tgz", () -> seen.addAll(scratch(state)));

        try (var environment = environment()) {
            environment.start();

            assertThat(seen).hasSize(2);
            assertThat(scratch(state)).isEmpty();
        }
        assertThat(docker.diary).contains("import saved");
        assertThat(journals()).isEmpty();
    }

    /** Directories that are there, and in a journal. */
    private List<Path> scratch(Path state) {
        try (var files = Files.list(state)) {
            var recorded = new StringBuilder();
            for (var journal : journals()) {
                recorded.append(Files.readString(journal));
            }
            return files.filter(file -> file.getFileName().toString().startsWith("k3s-"))
                    .filter(file -> recorded.toString().contains(file.toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A journal as a run leaves it that was killed: of a process that is no more. */
    private void leftByAKilledRun(String run, String daemon) throws IOException {
        try (var journal = Journal.open(directory.resolve("state"))) {
            journal.record(new Undo(run, "k3s-container", Map.of("run", run, "daemon", daemon)));
        }
        var file = journals().get(0);
        var written = Files.readString(file);
        var ofAnother = written.replaceFirst("\"start\":\"[^\"]*\"", "\"start\":\"long ago\"");
        assertThat(ofAnother).isNotEqualTo(written);
        Files.writeString(file, ofAnother);
    }

    @Test
    void aClusterThatIsToBeReusedStays() throws IOException {
        set(K3sSettings.REUSE, true);
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(docker.containers).hasSize(1).containsValue(Map.of(K3sCluster.LABEL, K3sCluster.REUSED));
        assertThat(docker.request).isNotNull();
        assertThat(docker.request.reuse()).isTrue();
        assertThat(journals()).isEmpty();
    }

    @Test
    void anImageThatCannotBePulledIsNamedWithTheWayToLoadIt() {
        docker.images.clear();

        assertThatThrownBy(() -> environment().start())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("the image " + K3S + " is not in the Docker daemon unix:///var/run/docker.sock")
                .hasMessageContaining("no route to the registry")
                .hasMessageContaining("docker save -o k3s.tar " + K3S)
                .hasMessageContaining(K3sSettings.IMAGE_TAR.key());
        assertThat(docker.containers).isEmpty();
    }

    @Test
    void theImageIsLoadedFromAFileWhereItIsNotThere() throws IOException {
        docker.images.clear();
        docker.inTar = K3S;
        set(K3sSettings.IMAGE_TAR, Files.createFile(directory.resolve("k3s.tar")));
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(docker.diary).startsWith("load k3s.tar", "start").noneMatch(step -> step.startsWith("pull"));
    }

    @Test
    void aFileThatHoldsAnotherImageIsRefused() throws IOException {
        docker.images.clear();
        docker.inTar = "rancher/k3s:other";
        set(K3sSettings.IMAGE_TAR, Files.createFile(directory.resolve("k3s.tar")));

        assertThatThrownBy(() -> environment().start()).hasMessageContaining("k3s.tar does not hold " + K3S);
    }

    @Test
    void imagesGetIntoTheClusterFromFilesAndFromTheDaemon() throws IOException {
        var tar = Files.createFile(directory.resolve("mine.tar"));
        docker.images.add("chaos:1");
        set(K3sSettings.IMAGES, tar + ", chaos:1");
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(docker.diary)
                .containsSubsequence(
                        "start",
                        "import mine.tar",
                        "save chaos:1",
                        "import saved",
                        "chart " + "https://charts.chaos-mesh.org/chaos-mesh-2.8.3.tgz");
    }

    @Test
    void theBrokersImagesAreLoadedWhereTheDaemonHasThem() {
        docker.images.add("havoq-reference:0.1.0-SNAPSHOT");
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(docker.diary).containsSubsequence("save havoq-reference:0.1.0-SNAPSHOT", "import saved");
    }

    @Test
    void anImageThatIsNeitherFileNorInTheDaemonIsNamed() {
        set(K3sSettings.IMAGES, "typo:1");

        assertThatThrownBy(() -> environment().start())
                .hasMessageContaining(K3sSettings.IMAGES.key() + ": 'typo:1' is neither a file nor an image");
    }

    @Test
    void theBrokersFilesAndTheNamespaceAreTheUsers() throws IOException {
        var file = Files.writeString(directory.resolve("broker.yaml"), "kind: StatefulSet");
        set(K3sSettings.BROKER, file);
        set(ManifestSettings.NAMESPACE, "mqtt");
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(docker.diary).contains("apply " + file + " to mqtt", "ready mqtt");
    }

    @Test
    void aFileThatDoesNotExistIsToldBeforeAnythingIsStarted() {
        set(K3sSettings.BROKER, "/nowhere/broker.yaml");

        assertThatThrownBy(() -> environment().start())
                .hasMessageContaining("setting havoq.k3s.broker: /nowhere/broker.yaml does not exist");
        assertThat(docker.diary).doesNotContain("start");
    }

    @Test
    void theChartsVersionAndItsImagesGoTogether() {
        set(K3sSettings.CHAOS_MESH_VERSION, "2.7.3");
        try (var environment = environment()) {
            environment.start();
        }

        assertThat(docker.chart).isNotNull();
        assertThat(docker.chart.location()).endsWith("/chaos-mesh-2.7.3.tgz");
        assertThat(docker.chart.set()).isEqualTo(Map.of("images.tag", "v2.7.3"));
        assertThat(docker.chart.values())
                .as("a file for the time of the installation")
                .doesNotExist();
    }

    @Test
    void whatTheLibraryCarriesIsWhatLiesUnderDeploy() {
        assertThat(carried("values-k3s.yaml")).hasSameTextualContentAs(Path.of("deploy/chaos-mesh/values-k3s.yaml"));
        assertThat(carried("reference.yaml")).hasSameTextualContentAs(Path.of("deploy/reference/broker.yaml"));
        assertThat(Path.of("deploy/chaos-mesh/values-k3s.yaml"))
                .content()
                .contains("tag: v" + K3sSettings.CHAOS_MESH_VERSION.defaultText());
    }

    private static Path carried(String name) {
        return Optional.ofNullable(K3sCluster.class.getResource(name))
                .map(found -> Path.of(found.getPath()))
                .orElseThrow();
    }

    @Test
    void aMissingLibraryIsNamedWithItsCoordinates() throws IOException {
        var path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("testcontainers") && !entry.contains("helm-java"))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .toArray(URL[]::new);
        try (var without = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> OptionalLibraries.require(without))
                    .hasMessageContaining("org.testcontainers:testcontainers-k3s and com.marcnuri.helm-java:helm-java");
            // And the provider can be asked for its name there, as the choice of an environment does.
            assertThat(name(without)).isEqualTo("k3s");
        }
        OptionalLibraries.require(getClass().getClassLoader());
    }

    private static Object name(ClassLoader loader) {
        try {
            var provider = loader.loadClass(K3sProvider.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            return provider.getClass().getMethod("name").invoke(provider);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the provider cannot be made there", e);
        }
    }
}
