package io.havoq.fault.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.fault.FaultException;
import io.havoq.fault.local.sandbox.Command;
import io.havoq.fault.local.sandbox.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SupervisorTest {
    private final List<Command> sent = new ArrayList<>();
    private final List<Duration> waits = new ArrayList<>();
    private final List<Runnable> timers = new ArrayList<>();
    private long now = 1_000_000_000L;

    private final Supervisor supervisor = new Supervisor(
            List.of("a", "b"),
            Duration.ZERO,
            sent::add,
            (delay, action) -> {
                waits.add(delay);
                timers.add(action);
            },
            (node, run, uid, restarts) ->
                    new Command.Start(node, run, Path.of("/d"), Path.of("/l"), List.of("broker"), Map.of()));

    @BeforeEach
    void start() {
        supervisor.startAll();
        started("a");
        started("b");
    }

    private void started(String node) {
        supervisor.accept(new Event.Started(
                node, supervisor.state(node).run(), 100 + supervisor.state(node).run(), now));
    }

    private void exited(String node, int status) {
        supervisor.accept(new Event.Exited(node, supervisor.state(node).run(), status, now));
    }

    private long starts(String node) {
        return sent.stream()
                .filter(command ->
                        command instanceof Command.Start start && start.node().equals(node))
                .count();
    }

    @Test
    void anEndForWantOfMemoryIsToldApartFromAKill() {
        var counted = new AtomicLong(3);
        var limited = new Supervisor(
                List.of("a"),
                Duration.ZERO,
                sent::add,
                (delay, action) -> timers.add(action),
                (node, run, uid, restarts) ->
                        new Command.Start(node, run, Path.of("/d"), Path.of("/l"), List.of("broker"), Map.of()),
                node -> counted.get());
        limited.startAll();
        limited.accept(new Event.Started("a", 1, 101, now));
        counted.incrementAndGet();
        limited.accept(new Event.Exited("a", 1, 137, now));
        assertThat(limited.state("a").lastExit()).hasValueSatisfying(exit -> {
            assertThat(exit.oomKilled()).isTrue();
            assertThat(exit.description()).isEqualTo("exit status 137 (OOMKilled)");
        });

        // It was started again at once, without having to wait.
        assertThat(limited.state("a").run()).isEqualTo(2);
        limited.accept(new Event.Started("a", 2, 102, now));
        limited.accept(new Event.Exited("a", 2, 137, now));
        assertThat(limited.state("a").lastExit())
                .hasValueSatisfying(exit -> assertThat(exit.oomKilled()).isFalse());
    }

    @Test
    void restartsOfAContainerWaitLongerEachTimeUpToFiveMinutes() {
        for (int i = 0; i < 9; i++) {
            exited("a", 1);
            if (i > 0) {
                assertThat(supervisor.state("a").phase()).isEqualTo("Pending");
                timers.get(timers.size() - 1).run();
            }
            started("a");
            assertThat(supervisor.state("a").restartCount()).isEqualTo(i + 1);
        }
        assertThat(waits.stream().map(Duration::toSeconds)).containsExactly(10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
    }

    @Test
    void aContainerThatRanForTenMinutesIsRestartedAtOnceAgain() {
        exited("a", 1);
        started("a");
        now += Duration.ofMinutes(10).toNanos();
        exited("a", 1);
        assertThat(waits).isEmpty();
        assertThat(starts("a")).isEqualTo(3);
    }

    @Test
    void anExperimentBeginsWithoutBackOffAndWithoutRestarts() {
        exited("a", 1);
        started("a");
        exited("a", 1);
        assertThat(supervisor.state("a").running()).isFalse();
        supervisor.beginExperiment();
        started("a");
        assertThat(supervisor.state("a").running()).isTrue();
        assertThat(supervisor.state("a").restartCount()).isZero();
        timers.forEach(Runnable::run);
        assertThat(starts("a")).as("the planned start is obsolete").isEqualTo(3);
        exited("a", 1);
        assertThat(starts("a")).isEqualTo(4);
    }

    @Test
    void aKilledPodIsNewAtOnceHoweverOftenItsContainerEnded() {
        exited("a", 1);
        started("a");
        var uid = supervisor.state("a").uid();
        var exit = supervisor.kill("a", Supervisor.Kill.POD, Duration.ZERO);
        assertThat(sent.get(sent.size() - 1))
                .isEqualTo(new Command.Stop("a", supervisor.state("a").run(), Duration.ZERO));
        exited("a", 137);
        assertThat(exit).isCompletedWithValueMatching(value -> value.status() == 137);
        started("a");
        assertThat(supervisor.state("a").uid()).isNotEqualTo(uid);
        assertThat(supervisor.state("a").restartCount()).isZero();
        assertThat(waits).isEmpty();
    }

    @Test
    void aKilledContainerKeepsItsPod() {
        var uid = supervisor.state("a").uid();
        var exit = supervisor.kill("a", Supervisor.Kill.CONTAINER, Duration.ZERO);
        assertThat(exit).isNotDone();
        exited("a", 137);
        started("a");
        assertThat(supervisor.state("a").uid()).isEqualTo(uid);
        assertThat(supervisor.state("a").restartCount()).isEqualTo(1);
        assertThat(supervisor.state("b").restartCount()).isZero();
    }

    @Test
    void aHeldNodeStartsWhenItsLastHolderLetsGo() {
        var exit = supervisor.hold("a", "first");
        exited("a", 137);
        assertThat(exit).isDone();
        supervisor.beginExperiment();
        assertThat(supervisor.state("a").held()).isTrue();
        assertThat(starts("a")).isEqualTo(1);
        supervisor.release("a", "somebody else");
        assertThat(starts("a")).isEqualTo(1);
        supervisor.release("a", "first");
        supervisor.release("a", "first");
        assertThat(starts("a")).isEqualTo(2);
        assertThat(waits).isEmpty();
    }

    @Test
    void readinessIsForgottenWithTheProcess() {
        supervisor.markReady("a", 1);
        assertThat(supervisor.state("a").ready()).isTrue();
        exited("a", 1);
        started("a");
        supervisor.markReady("a", 1);
        assertThat(supervisor.state("a").ready())
                .as("a late answer about the former run")
                .isFalse();
    }

    @Test
    void aNodeWithoutAProcessCannotBeKilled() {
        var exit = supervisor.hold("a", "x");
        exited("a", 137);
        assertThat(exit).isDone();
        assertThatThrownBy(() -> supervisor.kill("a", Supervisor.Kill.POD, Duration.ZERO))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("a has no running process");
        assertThatThrownBy(() -> supervisor.kill("c", Supervisor.Kill.POD, Duration.ZERO))
                .hasMessageContaining("only [a, b]");
    }

    @Test
    void anEndedNodeStaysDownForAsLongAsAKubeletTakesToNotice() {
        var noticing = Duration.ofSeconds(1);
        var slow = new Supervisor(
                List.of("c"),
                noticing,
                sent::add,
                (delay, action) -> {
                    waits.add(delay);
                    timers.add(action);
                },
                (node, run, uid, restarts) ->
                        new Command.Start(node, run, Path.of("/d"), Path.of("/l"), List.of("broker"), Map.of()));
        slow.startAll();
        slow.accept(new Event.Started("c", slow.state("c").run(), 1, now));
        slow.accept(new Event.Exited("c", slow.state("c").run(), 137, now));

        assertThat(waits).containsExactly(noticing);
        assertThat(slow.state("c").run()).isEqualTo(1);
        timers.get(0).run();
        assertThat(slow.state("c").run()).isEqualTo(2);
    }
}
