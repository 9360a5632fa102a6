package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Programs that run when they come to be watched. */
class AttachedSyscallServiceTest extends SyscallServiceContract {
    AttachedSyscallServiceTest() {
        super(true);
    }

    @Test
    void aProgramThatStartsWhileARuleIsInForceHasItFromItsStart() throws IOException {
        assertThat(service.wrapper("n0")).as("no rule is in force").isEmpty();
        control.impose("rule", "n0", 1, rule("fsync", 100, Duration.ZERO, EIO));
        assertThat(service.wrapper("n0")).isNotEmpty();
        try (var program = new Watched(service, "n0", Watched.java(volume.resolve("late")))) {
            assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
            control.lift("rule");
            assertThat(program.call("fsync").result()).isEqualTo("ok");
            // it has its filter, to which none can be added
            control.impose("rule", "n0", 1, rule("fsync", 100, Duration.ZERO, EIO));
            assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
        }
        control.lift("rule");
        assertThat(service.wrapper("n0")).as("no rule is in force any more").isEmpty();
    }

    @Test
    void theNextProgramOfANodeIsAttachedToAsItsFirstWas() throws IOException {
        for (int run = 0; run < 2; run++) {
            try (var program = new Watched(service, "again", Watched.java(volume.resolve("again")))) {
                assertThat(program.call("fsync").result()).isEqualTo("ok");
                control.impose("rule", "again", 1, rule("fsync", 100, Duration.ZERO, EIO));
                assertThat(program.call("fsync").result()).isEqualTo("Input/output error");
                control.lift("rule");
            }
        }
    }
}
