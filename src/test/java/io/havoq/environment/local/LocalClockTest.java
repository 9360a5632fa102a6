package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.broker.BrokerPresets;
import io.havoq.broker.BrokerSettings;
import io.havoq.environment.Target;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.Mode;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.TimeChaos;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clock of a real node is shifted, and its log tells so. */
class LocalClockTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());
    private static final TimeChaos BEHIND = new TimeChaos(
            "behind", ALL, List.of("emqx-go"), HOUR.negated(), TimeChaos.DEFAULT_CLOCKS, Optional.empty());

    @TempDir
    Path directory;

    private LocalEnvironment started(String isolation, String... peculiar) {
        var settings = Settings.fromSystemProperties()
                .with(JournalSettings.STATE, directory.resolve("state").toString())
                .with(LocalSettings.NODES, "2")
                .with(LocalSettings.ISOLATION, isolation)
                .with(LocalSettings.NOTICING, "50ms")
                .with(BrokerSettings.ENVIRONMENT, "HAVOQ_TEST='" + directory + "'")
                .with(BrokerSettings.BROKER, "command")
                .with(BrokerSettings.COMMAND, TestNode.command(peculiar));
        var made = new LocalEnvironment(settings, BrokerPresets.of(settings), directory.resolve("output"), line -> {});
        made.start();
        return made;
    }

    private static boolean talksTo(LocalEnvironment environment, int index) {
        return TestNode.answers(environment.endpoints().get(index).address());
    }

    private static List<String> told(Injection injection) {
        return injection.effect().stream()
                .filter(Proof::independent)
                .map(Proof::observation)
                .toList();
    }

    @Test
    void aNodesLogTellsTheShiftAndAKilledNodeComesBackWithIt() throws IOException {
        try (var environment = started("namespaces", "dates")) {
            assertThat(environment.faults().supports(BEHIND)).isEqualTo(new Support.Supported());
            var target = environment.targets().get(0);
            var injection = environment.faults().inject("test-1", BEHIND, List.of(target), List.of());
            try {
                await("the fault is proven").atMost(BOUND).untilAsserted(() -> {
                    assertThat(talksTo(environment, 0)).as("it answers").isTrue();
                    assertThat(injection.acted())
                            .as("proven by %s; its log: %s", injection.effect(), environment.logTail(target.name(), 5))
                            .isTrue();
                });
                assertThat(told(injection))
                        .singleElement()
                        .satisfies(seen ->
                                assertThat(seen).contains("its own clock (its log) is ahead of this machine's by -3"));
                assertThat(injection.inForce()).isTrue();

                kill(environment, target);
                await("the new process is shifted").atMost(BOUND).until(() -> isBehind(environment, target, HOUR));
                assertThat(injection.inForce()).isTrue();
            } finally {
                injection.remove();
            }
            assertThat(injection.doubts()).isEmpty();
            await("nothing of it is left").atMost(BOUND).until(() -> talksTo(environment, 0) && injection.gone());

            await("its log is right again").atMost(BOUND).until(() -> isBehind(environment, target, Duration.ZERO));
        }
        assertThat(Leftover.processes(directory)).as("processes left").isEmpty();
    }

    private static void kill(LocalEnvironment environment, Target target) {
        var spec = new PodChaos(
                "kill", PodChaos.Action.CONTAINER_KILL, ALL, Duration.ZERO, List.of("emqx-go"), Optional.empty());
        var kill = environment.faults().inject("test-2", spec, List.of(target), List.of());
        await("it was killed and is back").atMost(BOUND).until(() -> kill.acted() && kill.gone());
        kill.remove();
    }

    /** How far the last line that the node dated is behind this machine's clock; empty if the last line is another. */
    private static Optional<Duration> behind(LocalEnvironment environment, Target target) {
        return environment.logTail(target.name(), 1).stream()
                .filter(line -> line.contains(" connection"))
                .map(line -> Duration.between(Instant.parse(line.split(" ", 2)[0]), Instant.now()))
                .findFirst();
    }

    private static boolean isBehind(LocalEnvironment environment, Target target, Duration offset) {
        return talksTo(environment, 0)
                && behind(environment, target)
                        .filter(seen -> seen.minus(offset).abs().compareTo(Duration.ofMinutes(1)) < 0)
                        .isPresent();
    }

    @Test
    void plainChildProcessesAreUnsupported() {
        try (var environment = started("none")) {
            assertThat(environment.faults().supports(BEHIND)).isInstanceOfSatisfying(Support.Unsupported.class, no -> {
                assertThat(no.reason()).contains("clocks cannot be shifted: the nodes are plain child processes");
                assertThat(no.remedy()).isNotEmpty();
            });
            var target = environment.targets().get(0);
            assertThatThrownBy(() -> environment.faults().inject("test-1", BEHIND, List.of(target), List.of()))
                    .isInstanceOf(FaultException.class);
        }
    }
}
