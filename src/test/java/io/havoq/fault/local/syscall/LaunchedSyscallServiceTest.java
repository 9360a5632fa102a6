package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Programs that are watched from their start. */
class LaunchedSyscallServiceTest extends SyscallServiceContract {
    LaunchedSyscallServiceTest() {
        super(false);
    }

    @Test
    void theProgramHasTheDescriptorsSignalsLimitsAndVariablesThatItWouldHaveWithoutALauncher() throws Exception {
        for (var words : List.of(
                List.of("ls", "/proc/self/fd"),
                List.of("grep", "-hE", "^Sig(Blk|Ign)|^Max", "/proc/self/status", "/proc/self/limits"),
                List.of("env"))) {
            assertThat(output(service.wrapper("n0"), words)).isEqualTo(output(List.of(), words));
        }
    }

    private static String output(List<String> wrapper, List<String> words) throws Exception {
        var all = new ArrayList<>(wrapper);
        all.addAll(words);
        var builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        // 32 and 33 are libc's own
        return output.replaceAll("(Sig...:\\t)[0-9a-f]{8}", "$1");
    }

    @Test
    void aProgramThatCannotBeStartedSaysSo() throws Exception {
        var words = new ArrayList<>(service.wrapper("n0"));
        words.add("no-such-program");
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(125);
        assertThat(output).contains("no-such-program", "is not on the PATH");
    }
}
