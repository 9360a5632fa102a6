package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.broker.BrokerPresets;
import io.havoq.broker.BrokerSettings;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.Mode;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real processes, in whatever isolation this machine gives and as plain children. */
class LocalEnvironmentTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final List<String> progress = new ArrayList<>();
    private LocalEnvironment environment;

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (environment != null) {
            environment.close();
        }
        try (var journal = Files.walk(Files.createDirectories(directory.resolve("state")))) {
            assertThat(journal.filter(Files::isRegularFile))
                    .as("files left in the state directory")
                    .isEmpty();
        }
        assertThat(Leftover.processes(directory)).as("processes left").isEmpty();
    }

    private LocalEnvironment start(LocalSettings.IsolationMode isolation, String... peculiar) {
        return start(settings(isolation, TestNode.command(peculiar)));
    }

    private LocalEnvironment start(Settings settings) {
        environment =
                new LocalEnvironment(settings, BrokerPresets.of(settings), directory.resolve("output"), progress::add);
        environment.start();
        return environment;
    }

    private Settings settings(LocalSettings.IsolationMode isolation, String command) {
        return Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve("state").toString())
                .with(LocalSettings.ISOLATION, isolation.name().toLowerCase(java.util.Locale.ROOT))
                .with(LocalSettings.NODES, "2")
                // The directory marks this test's processes.
                .with(BrokerSettings.ENVIRONMENT, "HAVOQ_TEST='" + directory + "'")
                .with(BrokerSettings.BROKER, "command")
                .with(BrokerSettings.COMMAND, command);
    }

    private Injection inject(PodChaos.Action action, Duration grace, Target... targets) {
        var spec = new PodChaos(
                "fault",
                action,
                new Selection(
                        new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()),
                        new Mode.All()),
                grace,
                List.of("emqx-go"),
                Optional.empty());
        return environment.faults().inject("test", spec, List.of(targets), List.of());
    }

    private Target target(int index) {
        return environment.targets().get(index);
    }

    private void assertProven(Injection injection, int status) {
        await("the fault is proven").atMost(BOUND).until(injection::acted);
        assertThat(injection.effect())
                .anySatisfy(proof -> assertThat(proof.observation()).contains("exit status " + status))
                .anySatisfy(proof -> {
                    assertThat(proof.independent()).isTrue();
                    assertThat(proof.observation()).contains("witness connection");
                });
        assertThat(injection.injectedAtNanos()).isGreaterThanOrEqualTo(injection.requestedAtNanos());
        assertThat(injection.effect().stream()
                                .filter(Proof::independent)
                                .findFirst()
                                .orElseThrow()
                                .atNanos()
                        - injection.requestedAtNanos())
                .isLessThan(Duration.ofSeconds(5).toNanos());
    }

    @ParameterizedTest
    @EnumSource(value = LocalSettings.IsolationMode.class, names = "NAMESPACES", mode = EnumSource.Mode.EXCLUDE)
    void aKilledPodComesBackAtOnceAsANewOneWithItsData(LocalSettings.IsolationMode isolation) {
        start(isolation);
        var before = target(1);
        assertThat(before.phase()).isEqualTo("Running");
        assertThat(before.ready()).isTrue();

        var injection = inject(PodChaos.Action.POD_KILL, Duration.ZERO, before);

        assertProven(injection, 137);
        assertThat(injection.oneShot()).isTrue();
        await("the pod is back")
                .atMost(BOUND)
                .until(() -> injection.gone() && target(1).ready());
        assertThat(target(1).uid()).isNotEqualTo(before.uid());
        assertThat(target(1).restartCount()).isZero();
        assertThat(target(0).ready()).isTrue();
        assertThat(environment.logTail("emqx-go-1", 50)).contains("starts so far: 1", "starts so far: 2");
    }

    @ParameterizedTest
    @EnumSource(value = LocalSettings.IsolationMode.class, names = "NAMESPACES", mode = EnumSource.Mode.EXCLUDE)
    void aKilledContainerTakesItsChildrenAlongAndIsRestartedInItsPod(LocalSettings.IsolationMode isolation)
            throws IOException {
        start(isolation, "forks");
        var before = target(0);
        await("children run")
                .atMost(BOUND)
                .until(() -> Leftover.commands(directory, "sleep").size() == 4);
        var children = Leftover.commands(directory, "sleep");

        var injection = inject(PodChaos.Action.CONTAINER_KILL, Duration.ZERO, before);

        assertProven(injection, 137);
        await("the container is back")
                .atMost(BOUND)
                .until(() -> injection.gone() && target(0).ready());
        assertThat(target(0).uid()).isEqualTo(before.uid());
        assertThat(target(0).restartCount()).isEqualTo(1);
        await("its children run again")
                .atMost(BOUND)
                .until(() -> Leftover.commands(directory, "sleep").size() == 4);
        var survivors = new ArrayList<>(Leftover.commands(directory, "sleep"));
        survivors.retainAll(children);
        assertThat(survivors).as("children of the other node").hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(value = LocalSettings.IsolationMode.class, names = "NAMESPACES", mode = EnumSource.Mode.EXCLUDE)
    void aFailedPodStaysDownUntilTheFaultIsRemoved(LocalSettings.IsolationMode isolation) {
        start(isolation);
        var before = target(0);

        var injection = inject(PodChaos.Action.POD_FAILURE, Duration.ZERO, before);

        assertProven(injection, 137);
        assertThat(injection.oneShot()).isFalse();
        assertThat(injection.inForce()).isTrue();
        assertThat(injection.gone()).isFalse();
        assertThat(target(0).phase()).isEqualTo("Pending");
        assertThat(target(0).ready()).isFalse();
        var endpoint = environment.endpoints().get(0);
        assertThatThrownBy(() -> new Socket(endpoint.host(), endpoint.port()).close())
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> inject(PodChaos.Action.POD_KILL, Duration.ZERO, target(0)))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("emqx-go-0 has no running process");

        injection.remove();
        injection.remove();
        await("the pod is back")
                .atMost(BOUND)
                .until(() -> injection.gone() && target(0).ready());
        assertThat(injection.inForce()).isFalse();
        assertThat(target(0).uid()).isEqualTo(before.uid());
    }

    @Test
    void aNodeThatIgnoresTerminationIsKilledAfterTheGracePeriod() {
        start(LocalSettings.IsolationMode.AUTO, "stubborn");

        var injection = inject(PodChaos.Action.POD_KILL, Duration.ofMillis(700), target(0));

        assertProven(injection, 137);
        assertThat(injection.injectedAtNanos() - injection.requestedAtNanos())
                .isGreaterThanOrEqualTo(Duration.ofMillis(700).toNanos());
        await("the pod is back")
                .atMost(BOUND)
                .until(() -> injection.gone() && target(0).ready());
    }

    @Test
    void aNodeThatObeysTerminationIsNotKilled() {
        start(LocalSettings.IsolationMode.AUTO);
        assertProven(inject(PodChaos.Action.POD_KILL, Duration.ofSeconds(10), target(0)), 143);
    }

    @Test
    void aStartThatFailsSaysWhichNodeHowAndWithWhatLastWords() {
        assertThatThrownBy(() -> start(LocalSettings.IsolationMode.AUTO, "fails"))
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("emqx-go-")
                .hasMessageContaining("exit status 3")
                .hasMessageContaining("this node was told to fail")
                .hasMessageContaining("next step");
    }

    @Test
    void aProgramThatDoesNotExistIsNamedBeforeAnythingStarts() {
        assertThatThrownBy(() -> start(settings(LocalSettings.IsolationMode.AUTO, "no-such-broker -p {mqtt}")))
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("'no-such-broker'")
                .hasMessageContaining("install it");
    }

    @Test
    void aTalkativeNodeKeepsWithinItsLog() throws IOException {
        start(settings(LocalSettings.IsolationMode.AUTO, TestNode.command("talks"))
                .with(LocalSettings.LOG, "64"));
        await("the last line is written")
                .atMost(BOUND)
                .until(() -> environment.logTail("emqx-go-0", 1).equals(List.of("starts so far: 1")));
        long size = 0;
        try (var files = Files.list(directory.resolve("output/nodes"))) {
            for (var file : files.filter(file -> file.getFileName().toString().startsWith("emqx-go-0"))
                    .toList()) {
                size += Files.size(file);
            }
        }
        assertThat(size).isBetween(32L * 1024, 64L * 1024);
        assertThat(environment.logTail("emqx-go-0", 3))
                .hasSize(3)
                .last()
                .asString()
                .isEqualTo("starts so far: 1");
        assertThat(environment.logTail("emqx-go-0", 3).get(0)).startsWith("line 009998");
    }

    @Test
    void aRebuiltClusterIsNewAndEmpty() {
        start(LocalSettings.IsolationMode.AUTO);
        var before = environment.targets();
        var endpoints = environment.endpoints();

        assertThat(environment.rebuild()).isTrue();

        assertThat(environment.endpoints()).isEqualTo(endpoints);
        assertThat(environment.targets()).allMatch(Target::ready);
        assertThat(environment.targets())
                .noneMatch(target -> before.stream().anyMatch(old -> old.uid().equals(target.uid())));
        assertThat(environment.logTail("emqx-go-0", 1)).containsExactly("starts so far: 1");
    }

    @Test
    void portsLieBelowTheEphemeralRange() throws IOException {
        start(LocalSettings.IsolationMode.AUTO);
        int first;
        try (var range = new Scanner(Path.of("/proc/sys/net/ipv4/ip_local_port_range"), StandardCharsets.US_ASCII)) {
            first = range.nextInt();
        }
        assumeTrue(first > 11_000, "there is room below the ephemeral range");
        assertThat(environment.endpoints())
                .as("ports, ephemeral ones begin at %d", first)
                .allMatch(endpoint -> endpoint.port() < first);
    }

    @Test
    void nothingIsInjectedIntoAContainerThatIsNotThere() {
        start(LocalSettings.IsolationMode.AUTO);
        var spec = new PodChaos(
                "fault",
                PodChaos.Action.CONTAINER_KILL,
                new Selection(
                        new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()),
                        new Mode.All()),
                Duration.ZERO,
                List.of("sidecar"),
                Optional.empty());
        assertThatThrownBy(() -> environment.faults().inject("test", spec, environment.targets(), List.of()))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("sidecar");
        assertThat(environment.targets()).allMatch(target -> target.restartCount() == 0 && target.ready());
    }
}
