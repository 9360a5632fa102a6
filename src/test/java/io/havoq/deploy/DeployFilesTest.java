package io.havoq.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.havoq.broker.NodeSpec;
import io.havoq.broker.ReferencePreset;
import io.havoq.environment.Target;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.Manifests;
import io.havoq.manifest.TargetSelector;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies under {@code deploy/} is valid, fits together, and fits the scenarios, the library and the workflow. */
class DeployFilesTest {
    private static final String VERSION = firstMatch(Path.of("pom.xml"), "<version>([^<]+)</version>");

    static List<Path> manifests() {
        return DeployFiles.manifests();
    }

    static Stream<Path> brokers() {
        return Stream.of("reference", "emqx-go", "emqx").map(name -> DeployFiles.file(name + "/broker.yaml"));
    }

    static Stream<Path> scenarios() throws IOException {
        try (var files = Files.list(Path.of("src/test/resources/chaos"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void everyFieldIsKnownToItsKind(Path file) {
        assertThat(DeployFiles.objects(file))
                .isNotEmpty()
                .allSatisfy(object -> assertThat(object.getMetadata().getName()).isNotBlank());
    }

    @Test
    void aFieldThatItsKindDoesNotHaveIsRefused() {
        var written = DeployFiles.text(DeployFiles.file("reference/broker.yaml"));
        assertThat(written).contains("periodSeconds: 1\n");
        var misspelt = DeployFiles.parse(written.replace("periodSeconds: 1\n", "periodSecond: 1\n"));

        assertThatThrownBy(() -> misspelt.forEach(DeployFiles::object)).hasMessageContaining("periodSecond");
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void everyBrokerIsThePlansStatefulSet(Path file) {
        var set = DeployFiles.only(file, StatefulSet.class);
        var spec = set.getSpec();

        assertThat(set.getMetadata().getName()).isEqualTo("emqx-go");
        assertThat(spec.getReplicas()).isEqualTo(3);
        assertThat(spec.getServiceName()).isEqualTo("emqx-go-headless");
        assertThat(spec.getPodManagementPolicy()).isEqualTo("Parallel");
        assertThat(spec.getSelector().getMatchLabels()).isEqualTo(Map.of("app", "emqx-go"));
        assertThat(spec.getTemplate().getMetadata().getLabels()).containsEntry("app", "emqx-go");
        assertThat(spec.getTemplate().getSpec().getHostNetwork()).isNull();
        assertThat(spec.getTemplate().getSpec().getContainers()).singleElement().satisfies(container -> {
            assertThat(container.getName()).isEqualTo("emqx-go");
            assertThat(container.getResources().getRequests().toString()).isEqualTo("{cpu=500m, memory=512Mi}");
            assertThat(container.getResources().getLimits().toString()).isEqualTo("{cpu=1000m, memory=1Gi}");
            assertThat(container.getReadinessProbe()).isNotNull();
            assertThat(container.getLivenessProbe()).isNotNull();
            assertThat(container.getVolumeMounts())
                    .extracting(VolumeMount::getMountPath)
                    .containsExactly("/data");
            assertThat(ports(container)).containsEntry("mqtt", 1883);
        });
        assertThat(spec.getVolumeClaimTemplates()).singleElement().satisfies(claim -> {
            assertThat(claim.getMetadata().getName()).isEqualTo("data");
            assertThat(claim.getSpec().getResources().getRequests().get("storage"))
                    .hasToString("20Gi");
        });
        assertThat(spec.getPersistentVolumeClaimRetentionPolicy().getWhenDeleted())
                .isEqualTo("Delete");
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void theServicesSelectThePodsAndTheirPorts(Path file) {
        var container = container(file);
        var services = DeployFiles.objects(file).stream()
                .filter(Service.class::isInstance)
                .map(Service.class::cast)
                .toList();

        assertThat(services)
                .extracting(service -> service.getMetadata().getName())
                .containsExactlyInAnyOrder("emqx-go-headless", "emqx-go-mqtt");
        assertThat(services).allSatisfy(service -> {
            assertThat(service.getSpec().getSelector()).isEqualTo(Map.of("app", "emqx-go"));
            assertThat(service.getSpec().getPorts())
                    .allSatisfy(port -> assertThat(ports(container)).containsEntry(port.getName(), port.getPort()));
        });
        var headless = services.stream()
                .filter(service -> "None".equals(service.getSpec().getClusterIP()))
                .toList();
        assertThat(headless).singleElement().satisfies(service -> {
            assertThat(service.getMetadata().getName()).isEqualTo("emqx-go-headless");
            assertThat(service.getSpec().getPublishNotReadyAddresses()).isTrue();
        });
    }

    @Test
    void emqxGoHasThePlansPorts() {
        assertThat(ports(container(DeployFiles.file("emqx-go/broker.yaml"))))
                .isEqualTo(Map.of("mqtt", 1883, "grpc", 8081, "metrics", 8082, "dashboard", 18083));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void everyScenariosManifestFitsEveryBroker(Path manifest) {
        for (var document : Manifests.read(manifest.toString())) {
            brokers().forEach(file -> fits(document, file));
        }
    }

    private static void fits(ManifestDocument document, Path file) {
        var container = container(file);
        var pods = IntStream.range(0, 3)
                .mapToObj(index -> pod(file, "emqx-go-" + index))
                .toList();

        var choice = TargetSelector.select(document, pods, 1);
        assertThat(choice.targets()).isNotEmpty();
        assertThat(TargetSelector.selectTarget(document, pods, 1, choice))
                .satisfies(other -> assertThat(other.isPresent())
                        .isEqualTo(document.spec().target().isPresent()));
        assertThat(List.of(container.getName())).containsAll(document.spec().containerNames());
        if (document.spec() instanceof IoChaos io) {
            assertThat(container.getVolumeMounts())
                    .extracting(VolumeMount::getMountPath)
                    .contains(io.volumePath());
        }
        if (document.spec() instanceof DnsChaos dns) {
            // What the nodes ask for: the pods' names in the headless service.
            assertThat(dns.affects("emqx-go-0.emqx-go-headless.default.svc.cluster.local"))
                    .isTrue();
        }
    }

    private static Target pod(Path file, String name) {
        var set = DeployFiles.only(file, StatefulSet.class);
        var labels = new HashMap<>(set.getSpec().getTemplate().getMetadata().getLabels());
        labels.put("statefulset.kubernetes.io/pod-name", name);
        return new Target(
                name,
                "default",
                labels,
                Map.of(),
                "Running",
                true,
                List.of(container(file).getName()),
                "worker-" + name,
                name,
                0,
                Map.of());
    }

    @Test
    void theImagesOfThisProjectHaveItsVersion() {
        assertThat(container(DeployFiles.file("reference/broker.yaml")).getImage())
                .isEqualTo("havoq-reference:" + VERSION);
        assertThat(runner().getSpec().getContainers())
                .extracting(Container::getImage)
                .containsExactly("havoq-runner:" + VERSION);
        assertThat(List.of("README.md", "reference/Dockerfile", "runner/Dockerfile"))
                .allSatisfy(name ->
                        assertThat(DeployFiles.text(DeployFiles.file(name))).contains(VERSION));
    }

    @Test
    void theReferenceImageHasTheBrokersWholeClassPath() {
        var node = new NodeSpec(
                0, "emqx-go-0", "127.0.0.1", Map.of("mqtt", 1, "cluster", 2, "metrics", 3), Path.of("data"));
        var command = new ReferencePreset(Settings.fromSystemProperties())
                .launch(node, new NodeSpec.Cluster(List.of(node)))
                .command();
        var needed = Arrays.stream(command.get(command.indexOf("-cp") + 1).split(java.io.File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.toString().endsWith(".jar"))
                .map(Path::getFileName)
                .toList();
        var copied = Pattern.compile("lib/(\\S+)\\s")
                .matcher(DeployFiles.text(DeployFiles.file("reference/Dockerfile")))
                .results()
                .map(found -> FileSystems.getDefault().getPathMatcher("glob:" + found.group(1)))
                .toList();

        assertThat(needed)
                .hasSizeGreaterThan(10)
                .allSatisfy(jar -> assertThat(copied)
                        .anySatisfy(pattern -> assertThat(pattern.matches(jar)).isTrue()));
        assertThat(DeployFiles.text(DeployFiles.file("reference/Dockerfile")))
                .contains(command.get(command.indexOf("-cp") + 2));
    }

    @Test
    void theRunnerRunsAsTheAccountThatTheRoleIsBoundTo() {
        var file = DeployFiles.file("rbac.yaml");
        var account = DeployFiles.only(file, ServiceAccount.class).getMetadata().getName();
        var binding = DeployFiles.only(file, RoleBinding.class);

        assertThat(runner().getSpec().getServiceAccountName()).isEqualTo(account);
        assertThat(binding.getRoleRef().getName())
                .isEqualTo(DeployFiles.only(file, Role.class).getMetadata().getName());
        assertThat(binding.getSubjects())
                .singleElement()
                .satisfies(subject -> assertThat(subject.getName()).isEqualTo(account));
    }

    @Test
    void theRunnerIsNoTargetEndsByItselfAndIsNotRepeated() {
        var spec = runner().getSpec();

        assertThat(runner().getMetadata().getLabels()).doesNotContainEntry("app", "emqx-go");
        assertThat(spec.getRestartPolicy()).isEqualTo("Never");
        assertThat(spec.getActiveDeadlineSeconds()).isPositive();
        assertThat(spec.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(120);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kind", "k3s"})
    void chaosMeshIsTheVersionAndHasTheSocketOfTheCluster(String cluster) {
        var file = DeployFiles.file("chaos-mesh/values-" + cluster + ".yaml");
        var values = DeployFiles.documents(file).get(0);
        var tag = values.at("/images/tag").asText();

        assertThat(tag).matches("v2\\.\\d+\\.\\d+");
        assertThat(DeployFiles.text(file)).contains("chaos-mesh-" + tag.substring(1) + ".tgz");
        assertThat(values.at("/chaosDaemon/runtime").asText()).isEqualTo("containerd");
        assertThat(values.at("/chaosDaemon/socketPath").asText())
                .isEqualTo(
                        cluster.equals("k3s")
                                ? "/run/k3s/containerd/containerd.sock"
                                : "/run/containerd/containerd.sock");
        assertThat(values.at("/dnsServer/create").asBoolean()).isTrue();
        assertThat(values.at("/controllerManager/replicaCount").asInt()).isEqualTo(1);
    }

    @Test
    void bothValuesFilesDifferInTheSocketOnly() {
        assertThat(withoutSocket("kind")).isEqualTo(withoutSocket("k3s"));
    }

    private static JsonNode withoutSocket(String cluster) {
        var values = DeployFiles.documents(DeployFiles.file("chaos-mesh/values-" + cluster + ".yaml"))
                .get(0)
                .deepCopy();
        ((com.fasterxml.jackson.databind.node.ObjectNode) values.at("/chaosDaemon")).remove("socketPath");
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"stage.sh", "run.sh", "runner/run.sh"})
    void scriptsAreExecutableAndNameFilesThatExist(String name) {
        var file = DeployFiles.file(name);

        assertThat(Files.isExecutable(file)).as("%s is executable", file).isTrue();
        assertThat(named(DeployFiles.text(file)))
                .allSatisfy(path -> assertThat(path).exists());
    }

    @Test
    void theNightlyWorkflowNamesFilesThatExistAndTheSameVersions() {
        var file = Path.of(".github/workflows/nightly.yml");
        var workflow = DeployFiles.documents(file).get(0);
        var values = DeployFiles.documents(DeployFiles.file("chaos-mesh/values-kind.yaml"))
                .get(0);

        assertThat(workflow.path("jobs").fieldNames()).toIterable().isNotEmpty();
        assertThat(named(DeployFiles.text(file)))
                .isNotEmpty()
                .allSatisfy(path -> assertThat(path).exists());
        assertThat("v" + workflow.at("/env/CHAOS_MESH").asText())
                .isEqualTo(values.at("/images/tag").asText());
        assertThat(workflow.at("/env/HAVOQ").asText()).isEqualTo(VERSION);
    }

    /** Every path under {@code deploy/} that a text names. */
    private static List<Path> named(String text) {
        return Pattern.compile("\\bdeploy/[A-Za-z0-9_./-]*[A-Za-z0-9]")
                .matcher(text)
                .results()
                .map(found -> Path.of(found.group()))
                .toList();
    }

    private static Pod runner() {
        return DeployFiles.only(DeployFiles.file("runner.yaml"), Pod.class);
    }

    private static Container container(Path file) {
        return DeployFiles.only(file, StatefulSet.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
    }

    private static Map<String, Integer> ports(Container container) {
        return container.getPorts().stream()
                .collect(java.util.stream.Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
    }

    private static String firstMatch(Path file, String pattern) {
        var found = Pattern.compile(pattern).matcher(DeployFiles.text(file));
        if (!found.find()) {
            throw new IllegalStateException(file + " does not contain " + pattern);
        }
        return found.group(1);
    }
}
