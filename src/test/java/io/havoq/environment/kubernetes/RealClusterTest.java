package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.fault.Support;
import io.havoq.manifest.ManifestRewriter;
import io.havoq.manifest.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The environment on a real cluster, with real pods and, if it is there, Chaos Mesh. */
@EnabledIfEnvironmentVariable(named = "HAVOQ_TEST_KUBECONFIG", matches = ".+")
class RealClusterTest {
    private static final Duration BOUND = Duration.ofMinutes(2);

    @TempDir
    private Path output;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private RealCluster cluster;

    @BeforeEach
    void connect() throws IOException {
        cluster = new RealCluster();
        cluster.pods();
    }

    @AfterEach
    void close() throws Exception {
        for (var one : open) {
            one.close();
        }
        cluster.close();
    }

    private KubernetesEnvironment started() {
        var environment = cluster.environment(output, told::add);
        open.add(environment);
        environment.start();
        environment.beginExperiment("x");
        return environment;
    }

    private List<GenericKubernetesResource> failures() {
        return cluster.client
                .genericKubernetesResources("chaos-mesh.org/v1alpha1", "PodChaos")
                .inNamespace(cluster.namespace)
                .list()
                .getItems();
    }

    @Test
    void podsAreTargetsThroughAKillAndARestart() {
        var environment = started();
        assertThat(told).anyMatch(line -> line.startsWith("ok") && line.contains("broker pods"));
        var before = environment.targets();
        assertThat(before).extracting(Target::name).containsExactly("emqx-go-0", "emqx-go-1", "emqx-go-2");
        assertThat(before).allMatch(Target::ready).allMatch(target -> target.restartCount() == 0);
        assertThat(environment.exec("emqx-go-1", Duration.ofSeconds(20), "sh", "-c", "echo out; echo err >&2; exit 7"))
                .isEqualTo(new ExecResult(7, "out\n", "err\n"));
        assertThatThrownBy(() -> environment.exec("emqx-go-1", Duration.ofSeconds(1), "sleep", "30"))
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("did not end within 1s");

        var unused = environment.exec("emqx-go-1", Duration.ofSeconds(20), "touch", "/tmp/die");
        await("the container is restarted")
                .atMost(BOUND)
                .until(() -> environment.targets().get(1), now -> now.ready() && now.restartCount() == 1);
        assertThat(environment.targets().get(1).uid()).isEqualTo(before.get(1).uid());
        assertThat(environment.logTail("emqx-go-1", 10)).containsExactly("started", "dying", "started");

        cluster.client
                .pods()
                .inNamespace(cluster.namespace)
                .withName("emqx-go-2")
                .withGracePeriod(0)
                .delete();
        assertThat(environment.targets()).hasSize(3).anyMatch(target -> !target.ready());
        await("the pod is back")
                .atMost(BOUND)
                .until(
                        () -> environment.targets().get(2),
                        now -> now.ready() && !now.uid().equals(before.get(2).uid()));

        // The killed pod's log went with it.
        for (var pod : List.of("emqx-go-1", "emqx-go-2")) {
            await("the log of both containers, or both pods")
                    .atMost(BOUND)
                    .untilAsserted(() -> assertThat(environment.logFile(pod))
                            .hasValueSatisfying(file -> assertThat(read(file).lines())
                                    .filteredOn(line -> line.endsWith("Z started"))
                                    .hasSize(2)));
        }
        assertThat(environment.roles().values()).containsOnly(Role.UNKNOWN);

        environment.endExperiment("x");
        assertThat(output.resolve("kubernetes/x/logs/emqx-go-1.emqx-go.previous.log"))
                .content()
                .contains("Z dying");
        assertThat(output.resolve("kubernetes/x/events.txt")).content().contains("Pod/emqx-go-2");
        assertThat(output.resolve("kubernetes/x/pods.yaml")).content().contains("restartCount: 1");
    }

    @Test
    void anAccountWithFewRightsIsToldWhichAreMissing() {
        cluster.client
                .serviceAccounts()
                .inNamespace(cluster.namespace)
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("few")
                        .endMetadata()
                        .build())
                .create();
        cluster.client
                .rbac()
                .roles()
                .inNamespace(cluster.namespace)
                .resource(new RoleBuilder()
                        .withNewMetadata()
                        .withName("few")
                        .endMetadata()
                        .withRules(
                                new PolicyRuleBuilder()
                                        .withApiGroups("")
                                        .withResources("pods")
                                        .withVerbs("get", "list")
                                        .build(),
                                new PolicyRuleBuilder()
                                        .withApiGroups("coordination.k8s.io")
                                        .withResources("leases")
                                        .withVerbs("get", "create", "update", "delete")
                                        .build(),
                                new PolicyRuleBuilder()
                                        .withApiGroups("chaos-mesh.org")
                                        .withResources("podchaos")
                                        .withVerbs("create", "get", "list", "delete", "patch")
                                        .build())
                        .build())
                .create();
        cluster.client
                .rbac()
                .roleBindings()
                .inNamespace(cluster.namespace)
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName("few")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", "few")
                        .addNewSubject("", "ServiceAccount", "few", cluster.namespace)
                        .build())
                .create();
        var token = cluster.client
                .serviceAccounts()
                .inNamespace(cluster.namespace)
                .withName("few")
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
                .getStatus()
                .getToken();
        var whole = cluster.client.getConfiguration();
        var few = new ClusterAccess(
                "few",
                "a token",
                () -> ClusterAccess.bounded(new ConfigBuilder(Config.empty())
                        .withMasterUrl(whole.getMasterUrl())
                        .withCaCertData(whole.getCaCertData())
                        .withCaCertFile(whole.getCaCertFile())
                        .withOauthToken(token)
                        .build()));
        var environment = new KubernetesEnvironment(few, cluster.settings(Map.of()), output, told::add);
        open.add(environment);
        environment.start();
        assertThat(told)
                .anyMatch(line -> line.startsWith("MISSING") && line.contains("networkchaos  not create, get, list"))
                .anyMatch(line -> line.startsWith("ok") && line.contains("podchaos"))
                .anyMatch(line -> line.startsWith("warning") && line.contains("may get pods/log"))
                .anyMatch(line -> line.startsWith("warning") && line.contains("may not be looked at"))
                .anyMatch(line -> line.startsWith("warning: whether an earlier run has left a "));
        var delay =
                Manifests.readAll(List.of("chaos/03-network-delay.yaml")).get(0).spec();
        assertThat(environment.faults().supports(delay)).isInstanceOf(Support.Unsupported.class);

        var nobody = new ClusterAccess(
                "nobody",
                "a token",
                () -> ClusterAccess.bounded(new ConfigBuilder(Config.empty())
                        .withMasterUrl(whole.getMasterUrl())
                        .withCaCertData(whole.getCaCertData())
                        .withCaCertFile(whole.getCaCertFile())
                        .withOauthToken("not a token")
                        .build()));
        var refused = new KubernetesEnvironment(nobody, cluster.settings(Map.of()), output, told::add);
        open.add(refused);
        assertThatThrownBy(refused::start).hasMessageContaining("does not accept the credentials (401)");
    }

    @Test
    void aSecondRunIsRefusedWhileTheFirstLives() {
        var first = started();
        var second = cluster.environment(output, told::add);
        open.add(second);
        assertThatThrownBy(second::start)
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("another run is using the namespace " + cluster.namespace);
        assertThat(first.targets()).hasSize(3);
    }

    /** Killed with the namespace taken, and with a fault in force. */
    @ParameterizedTest
    @ValueSource(strings = {"start", "inject"})
    void whatAKilledRunLeavesTheNextOneRemoves(String step) throws Exception {
        var says = Files.createFile(output.resolve("said.txt"));
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:TieredStopAtLevel=1"));
        cluster.map().forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), RunMain.class.getName(), output.toString(), step));
        var run = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(says.toFile())
                .start();
        try {
            var last = step.equals("start") ? "STARTED" : "INJECTED";
            await(last).atMost(BOUND).until(() -> {
                assertThat(run.isAlive()).as(() -> read(says)).isTrue();
                return read(says).contains(last);
            });
        } finally {
            run.destroyForcibly().waitFor();
        }
        if (step.equals("inject")) {
            assertThat(failures()).hasSize(1);
            var image = cluster.client
                    .pods()
                    .inNamespace(cluster.namespace)
                    .withName("emqx-go-1")
                    .get()
                    .getSpec()
                    .getContainers()
                    .get(0)
                    .getImage();
            assertThat(image).isNotEqualTo(System.getenv("HAVOQ_TEST_IMAGE"));
        }
        var next = started();
        assertThat(told).anyMatch(line -> line.contains("took the namespace " + cluster.namespace + " over from run "));
        assertThat(failures()).isEmpty();
        assertThat(next.targets()).hasSize(3).allMatch(Target::ready);
        if (step.equals("inject")) {
            assertThat(told).anyMatch(line -> line.startsWith("left by an earlier run: "));
        }
        next.close();
        assertThat(cluster.client
                        .leases()
                        .inNamespace(cluster.namespace)
                        .withName(NamespaceLease.NAME)
                        .get())
                .isNull();
    }

    @Test
    void aFaultThatTheRunItselfForgotIsRemovedWhenItEnds() {
        var environment = started();
        var spec = new ManifestRewriter(cluster.settings(Map.of()))
                .rewrite(Manifests.readAll(List.of("chaos/pod-failure.yaml"))
                        .get(0)
                        .spec());
        var injection =
                environment.faults().inject("x-1", spec, environment.targets().subList(1, 2), List.of());
        assertThat(injection.oneShot()).isFalse();
        assertThat(failures()).hasSize(1);
        environment.close();
        assertThat(failures()).isEmpty();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
