package io.havoq.fault.local.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTreeTest {
    @TempDir
    Path directory;

    private static String state(long pid) throws IOException {
        var stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
        return stat.substring(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    }

    /** For proc(5) it is a zombie, though it goes on. */
    @Test
    void aProcessThatGoesOnWithoutItsFirstThreadBelongsAndIsEnded() throws Exception {
        var source = Files.writeString(directory.resolve("goes-on.c"), """
                #include <pthread.h>
                #include <stdio.h>
                #include <unistd.h>
                static void *on(void *unused) { for (;;) pause(); }
                int main(void) {
                    pthread_t thread;
                    pthread_create(&thread, NULL, on, NULL);
                    printf("%d\\n", getpid());
                    fflush(stdout);
                    pthread_exit(NULL);
                }
                """);
        var binary = directory.resolve("goes-on");
        try {
            var compiler = new ProcessBuilder("cc", "-pthread", "-o", binary.toString(), source.toString()).inheritIO();
            assertThat(compiler.start().waitFor()).isZero();
        } catch (IOException e) {
            assumeTrue(false, "no compiler here: " + e.getMessage());
        }
        // in a session of its own: it is known by the variable
        var builder = new ProcessBuilder("sh", "-c", "setsid \"$0\"; sleep 60", binary.toString());
        builder.environment().put(ProcessTree.VARIABLE, "node" + UUID.randomUUID());
        var leader = builder.start();
        try (var said = leader.inputReader(StandardCharsets.UTF_8)) {
            long pid = Long.parseLong(said.readLine());
            await("its first thread has ended").until(() -> state(pid).equals("Z"));
            var tree = ProcessTree.of(leader.pid());

            assertThat(tree.owns(pid)).isTrue();
            assertThat(tree.rest()).extracting(ProcessHandle::pid).contains(pid);
            assertThat(tree.killRest(System.nanoTime() + TimeUnit.SECONDS.toNanos(5)))
                    .isTrue();
            await("it is gone").until(() -> !Files.exists(Path.of("/proc/" + pid)));
        } finally {
            leader.destroyForcibly();
        }
    }
}
