package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.broker.reference.ReferenceBroker;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.mqtt.ClientObserver;
import io.havoq.mqtt.ClientProfile;
import io.havoq.mqtt.FailoverClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A load alone in a process of its own is killed; the broker lives on. */
@Timeout(120)
class KilledLoadTest {
    private static final Duration STARTING = Duration.ofSeconds(60);
    private static final Optional<Credentials> CREDENTIALS = Optional.of(new Credentials("test", "secret-word"));
    private static final Pattern TOPICS = Pattern.compile("topics havoq/([0-9a-f]+)/load/#");

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() throws InterruptedException {
        for (var process : processes) {
            kill(process);
        }
    }

    @Test
    void theNextRunRemovesTheSessionsThatAKilledOneLeft() throws Exception {
        var endpoint = startBroker();
        var options = List.of(
                "--endpoints=127.0.0.1:" + endpoint.port(),
                "--username=test",
                "--password=secret-word",
                "--state=" + directory.resolve("state"),
                "--publishers=10",
                "--subscribers=10",
                "--topics=5",
                "--rate=50");
        var output = directory.resolve("load.log");
        var load = java("load.log", WorkloadMain.class, options, List.of("--duration=10m"));
        await().atMost(STARTING).until(() -> Files.readString(output).contains("connected: 20 clients"));

        kill(load);

        var topics = TOPICS.matcher(Files.readString(output));
        assertThat(topics.find()).isTrue();
        var clients = Stream.of("p", "s")
                .flatMap(kind ->
                        IntStream.range(0, 10).mapToObj(number -> "havoq-" + topics.group(1) + "-" + kind + number))
                .toList();
        assertThat(present(clients, endpoint)).as("sessions after the kill").isEqualTo(clients);
        assertThat(journal())
                .singleElement()
                .asString()
                .contains(topics.group(1))
                .doesNotContain("secret-word");

        var said = new ByteArrayOutputStream();
        var next = new ArrayList<>(options);
        next.add("--duration=500ms");
        var code = WorkloadMain.run(next, new PrintStream(said, true, StandardCharsets.UTF_8));

        assertThat(present(clients, endpoint)).as("sessions after the next run").isEmpty();
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("left by an earlier run: removed the sessions of 20 clients havoq-" + topics.group(1) + "-*")
                .doesNotContain("warning");
        assertThat(code).isZero();
        assertThat(journal()).isEmpty();
    }

    /** The identifiers that the broker has a session of; they are left as they were found. */
    private static List<String> present(List<String> clientIds, MqttEndpoint endpoint) throws Exception {
        var present = new ArrayList<String>();
        for (var clientId : clientIds) {
            var client = new FailoverClient(
                    new ClientProfile(
                            clientId,
                            List.of(endpoint),
                            0,
                            CREDENTIALS,
                            false,
                            Duration.ofMinutes(10),
                            Duration.ofSeconds(10),
                            ClientProfile.DEFAULT_RECEIVE_MAXIMUM),
                    new ClientObserver() {});
            if (client.connect().get(10, TimeUnit.SECONDS)) {
                present.add(clientId);
                client.disconnectKeepingSession().get(10, TimeUnit.SECONDS);
            } else {
                assertThat(client.end().get(10, TimeUnit.SECONDS)).isTrue();
            }
        }
        return present;
    }

    private List<String> journal() throws IOException {
        var contents = new ArrayList<String>();
        try (var files = Files.list(directory.resolve("state/journal"))) {
            for (var file : files.toList()) {
                contents.add(Files.readString(file));
            }
        }
        return contents;
    }

    private MqttEndpoint startBroker() throws IOException {
        var raft = freePort();
        var endpoint = new MqttEndpoint("n0", "127.0.0.1", freePort());
        java(
                "broker.log",
                ReferenceBroker.class,
                List.of(
                        "--node=n0",
                        "--mqtt=127.0.0.1:" + endpoint.port(),
                        "--raft=127.0.0.1:" + raft,
                        "--http=127.0.0.1:" + freePort(),
                        "--peers=n0@127.0.0.1:" + raft,
                        "--data=" + directory.resolve("data")),
                List.of("--username=test", "--password=secret-word"));
        return endpoint;
    }

    private Process java(String log, Class<?> program, List<String> options, List<String> more) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx96m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.add(program.getName());
        command.addAll(options);
        command.addAll(more);
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(log).toFile())
                .start();
        processes.add(process);
        return process;
    }

    /** SIGKILL: no shutdown hook runs. */
    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
