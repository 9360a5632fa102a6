package io.havoq.fault.local.clock;

import io.havoq.fault.local.service.ProcessTree;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tries on a process of its own whether clocks can be shifted here. */
final class ClockProbe {
    private static final Shift TRIED = new Shift(Duration.ofSeconds(1), 1);
    private static final long END_SECONDS = 2;

    private ClockProbe() {}

    /**
     * Shifts the clock of a process that does nothing, and restores it.
     *
     * @throws IOException saying what cannot be done
     */
    static void check(VdsoPatch patch) throws IOException {
        var builder = new ProcessBuilder("cat");
        builder.environment().put(ProcessTree.VARIABLE, "clock-probe");
        var process = builder.start();
        try {
            var tree = ProcessTree.of(process.pid());
            try (var held = NodeProcess.hold(process.pid(), tree)
                    .orElseThrow(() -> new IOException("a process cannot be held"))) {
                var outcome = new ShiftedProcess(held, patch);
                outcome.become(TRIED);
                outcome.restore();
            }
        } finally {
            process.destroyForcibly();
            awaitEnd(process);
        }
    }

    private static void awaitEnd(Process process) throws IOException {
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("cat survives SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a process was tried", e);
        }
    }

    /** What would have to change where it cannot be done. */
    static List<String> remedies() {
        return List.of(
                "let this user write /proc/PID/mem of its own children: kernel.yama.ptrace_scope 0 or 1,"
                        + " proc_mem.force_override=always (Linux 6.12), in a container SYS_PTRACE, on x86-64 or aarch64",
                "or run it with havoq.environment=kubernetes");
    }
}
