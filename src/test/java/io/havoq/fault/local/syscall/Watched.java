package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.fault.local.service.ProcessTree;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** {@link FileCalls}, or another program that speaks as it does, whose system calls a service watches. */
final class Watched implements AutoCloseable {
    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;

    /** What came of a call. */
    record Outcome(long millis, String result) {}

    Watched(SyscallService service, String node, List<String> words) throws IOException {
        var all = new ArrayList<>(service.wrapper(node));
        all.addAll(words);
        var builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().put(ProcessTree.VARIABLE, node + UUID.randomUUID());
        process = builder.start();
        service.started(node, process.pid());
        in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertThat(out.readLine()).isEqualTo("ready");
    }

    static List<String> java(Path file) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                Path.of(FileCalls.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .getPath())
                        .toString(),
                FileCalls.class.getName(),
                file.toString());
    }

    /** The same as a shell script with dd(1), whose calls are a C program's. */
    static List<String> dd(Path file) {
        return List.of("sh", "-c", """
                echo ready
                while read line; do
                    begin=$(date +%s%N)
                    case $line in
                        write) text=$(dd if=/dev/zero of="$1" bs=8 count=1 conv=notrunc 2>&1) ;;
                        read) text=$(dd if="$1" of=/dev/null bs=8 count=1 2>&1) ;;
                        *) text=$(dd if=/dev/zero of="$1" bs=8 count=1 conv=notrunc,$line 2>&1) ;;
                    esac
                    [ $? = 0 ] && text=ok
                    echo $(( ($(date +%s%N) - begin) / 1000000 )) "$(echo "$text" | head -1 | sed 's/.*: //')"
                done
                """, "dd", file.toString());
    }

    Outcome call(String what) throws IOException {
        in.write(what + "\n");
        in.flush();
        return answer();
    }

    /** What it says next. */
    Outcome answer() throws IOException {
        var line = out.readLine();
        assertThat(line).as("what it says").isNotNull();
        var words = line.split(" ", 2);
        return new Outcome(Long.parseLong(words[0]), words[1]);
    }

    Process process() {
        return process;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
