package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the kernel does not let it, it says so, and what would have to change. */
class DeniedTest {
    @TempDir
    private Path directory;

    private String whereDenied(long call) throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DeniedMain.class.getName(),
                        directory.resolve("service").toString(),
                        Long.toString(call))
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void aRefusedListenerIsToldOf() throws Exception {
        assertThat(whereDenied(Kernel.NR_PIDFD_GETFD))
                .contains("pidfd_getfd: Operation not permitted", "| allow pidfd_getfd", "CAP_SYS_PTRACE");
    }

    @Test
    void aRefusedFilterIsToldOf() throws Exception {
        assertThat(whereDenied(Kernel.NR_SECCOMP))
                .contains("seccomp: Operation not permitted", "| run it on Linux 5.19 or later");
    }

    @Test
    void whatIsNotNeededMayBeRefused() throws Exception {
        assertThat(whereDenied(SystemCall.FSYNC.number())).contains("attaching");
    }

    @Test
    void whereNothingCanBeTracedAllIsWatchedFromTheStart() throws Exception {
        assertThat(whereDenied(Kernel.NR_PTRACE))
                .contains("watched from the start, by the launcher: ", "PTRACE_SEIZE", "Operation not permitted");
    }
}
