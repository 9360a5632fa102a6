package io.havoq.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a JVM that ends closes. */
class ShutdownHookTest {
    private static List<String> saidBy(String how) throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ShutdownHookMain.class.getName(),
                        how)
                .redirectErrorStream(true)
                .start();
        try (var output = process.getInputStream()) {
            var said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said.lines().toList();
        }
    }

    @Test
    void whatNobodyClosedIsClosedWhenTheJvmEndsAndMayTakeItsHookBackThen() throws Exception {
        assertThat(saidBy("registered")).containsExactly("ends", "closed by closing");
    }

    @Test
    void whatWasClosedIsNotClosedAgain() throws Exception {
        assertThat(saidBy("removed")).containsExactly("ends");
    }

    @Test
    void removingItWhileTheJvmEndsIsNoError() throws Exception {
        assertThat(saidBy("late")).containsExactlyInAnyOrder("ends", "closed by closing", "removed too late");
    }
}
