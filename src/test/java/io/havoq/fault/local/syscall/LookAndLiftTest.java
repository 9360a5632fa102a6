package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.local.sandbox.Sandbox;
import io.havoq.fault.local.sandbox.SandboxProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookAndLiftTest {
    private static final Duration DELAY = Duration.ofSeconds(12);
    private static final Set<SystemCall> CALLS = SystemCall.of(Set.of("fsync"));

    @TempDir
    Path data;

    @Test
    void aWitnessThatIsHeldUpDoesNotHoldUpTheLiftingOfItsRule() throws IOException, InterruptedException {
        var options = new Sandbox.Options(new SandboxProbe(data).probe(), data, 64, 64, "look-and-lift");
        try (var sandbox = Sandbox.start(options, event -> {})) {
            var control = new SyscallControl(sandbox::call);
            assertThat(control.open(CALLS.stream().map(SystemCall::text).toList()))
                    .isEmpty();
            var file = data.resolve("witness").toString();
            assertThat(control.look("a", file, false, Set.of("fsync")))
                    .as("the witness runs")
                    .isNotEmpty();
            control.impose(
                    "rule",
                    "a",
                    1,
                    new CallRule(
                            CALLS, Set.of(), Optional.empty(), "", Optional.empty(), 100, DELAY, 0, Optional.empty()));
            var looking = new Thread(() -> control.look("a", file, false, Set.of("fsync")), "looking");
            looking.start();
            // it has asked, and waits for the answer
            await().until(() -> looking.getState() == Thread.State.TIMED_WAITING);
            long begun = System.nanoTime();
            control.lift("rule");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(DELAY.dividedBy(2));
            looking.join(DELAY.toMillis());
            assertThat(looking.isAlive()).isFalse();
        }
    }
}
