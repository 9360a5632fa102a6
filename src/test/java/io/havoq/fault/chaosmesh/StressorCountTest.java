package io.havoq.fault.chaosmesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of a container's processes count as Chaos Mesh's stressors. */
class StressorCountTest {
    @TempDir
    private Path proc;

    private void process(int id, String name, char state) throws IOException {
        var directory = Files.createDirectory(proc.resolve(Integer.toString(id)));
        Files.writeString(directory.resolve("stat"), id + " (" + name + ") " + state + " 1 1 1 0 -1 4194560 93\n");
    }

    private String counted() throws Exception {
        var shell = new ProcessBuilder(
                        "sh", "-c", CgroupReading.countingStressors(proc.toString()) + " echo \"counted $n\"")
                .redirectErrorStream(true)
                .start();
        var text = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        shell.waitFor();
        return text.strip();
    }

    @Test
    void thoseThatRunAreCounted() throws Exception {
        process(1, "java", 'S');
        process(7, "memStress", 'S');
        process(13, "stress-ng-cpu", 'R');

        assertThat(counted()).isEqualTo("counted 2");
    }

    /** Seen with Chaos Mesh 2.8.3: after the removal a memStress stayed as a zombie, its memory was free. */
    @Test
    void whatHasEndedAndIsAZombieIsNotCounted() throws Exception {
        process(1, "java", 'S');
        process(13, "memStress", 'Z');

        assertThat(counted()).isEqualTo("counted 0");
    }
}
