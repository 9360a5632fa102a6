package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.http.MockResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod's log as one file, over the ends of streams, containers and pods. */
class FollowedLogsTest {
    private static final String LOG = "GET /api/v1/namespaces/mqtt/pods/emqx-go-0/log";
    private static final String STARTED = "2026-01-01T00:00:01.5Z started\n";
    private static final String READY = "2026-01-01T00:00:02.25+00:00 ready, größer\n";
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final MockCluster cluster = new MockCluster();
    /** What the container has said so far; every stream tells all of it and ends, as one that breaks does. */
    private final List<String> said = new CopyOnWriteArrayList<>();

    private FollowedLogs logs;

    @BeforeEach
    void follow() {
        cluster.add(pod("one", 0).build());
        cluster.scripted.put(
                LOG, request -> new MockResponse().setResponseCode(200).setBody(String.join("", said)));
        logs = logs(1);
    }

    private FollowedLogs logs(int mebibytes) {
        return new FollowedLogs(
                cluster.client,
                new PodLogs(cluster.client, MockCluster.NAMESPACE),
                directory.resolve("nodes"),
                mebibytes);
    }

    private static PodBuilder pod(String uid, int restarts) {
        return MockCluster.pod("emqx-go-0", "node-a", "127.0.0.1", true)
                .editMetadata()
                .withUid(uid)
                .endMetadata()
                .editStatus()
                .editFirstContainerStatus()
                .withRestartCount(restarts)
                .endContainerStatus()
                .endStatus();
    }

    @AfterEach
    void close() {
        logs.close();
        cluster.close();
    }

    private String file() {
        return logs.file("emqx-go-0").map(FollowedLogsTest::read).orElse("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The server with a memory gives every pod a UID of its own. */
    private void podIs(Supplier<Pod> pod, Supplier<String> log) {
        cluster.scripted.remove(LOG);
        cluster.scripted.put(
                LOG.substring(0, LOG.length() - "/log".length()),
                request -> String.valueOf(request.getPath()).contains("/log")
                        ? new MockResponse().setResponseCode(200).setBody(log.get())
                        : new MockResponse()
                                .setResponseCode(200)
                                .setHeader("Content-Type", "application/json")
                                .setBody(Serialization.asJson(pod.get())));
    }

    private long streams() {
        return cluster.requests.stream().filter(line -> line.startsWith(LOG)).count();
    }

    private void awaitText(String text) {
        await(text).atMost(BOUND).untilAsserted(() -> assertThat(file()).isEqualTo(text));
    }

    private void awaitAnotherStream() {
        var before = streams();
        // The second one from now was opened after what is there now was written.
        await("another stream").atMost(BOUND).until(() -> streams() >= before + 2);
    }

    @Test
    void whatIsSaidIsThereOnceThoughStreamsBreakAndTellItAgain() {
        said.add(STARTED);
        logs.follow("emqx-go-0", "emqx-go");
        awaitText(STARTED);
        said.add(READY);
        awaitText(STARTED + READY);
        awaitAnotherStream();
        assertThat(file()).isEqualTo(STARTED + READY);
        assertThat(cluster.requests)
                .filteredOn(line -> line.startsWith(LOG))
                .allMatch(line -> line.contains("container=emqx-go&previous=false&follow=true&timestamps=true"))
                .anyMatch(line -> line.endsWith("&sinceTime=2026-01-01T00:00:02Z"));
    }

    /** Half a line is told again with its end. */
    @Test
    void aLineThatBreaksOffIsThereOnceAndWhole() {
        said.addAll(List.of(STARTED, READY.substring(0, READY.length() - 5)));
        logs.follow("emqx-go-0", "emqx-go");
        awaitText(STARTED);
        awaitAnotherStream();
        assertThat(file()).isEqualTo(STARTED);
        said.set(1, READY);
        awaitText(STARTED + READY);
    }

    /** The new pod may be on a machine whose clock is behind. */
    @Test
    void theNextPodsLogFollowsWhateverTheTimeItTells() {
        said.add(READY);
        logs.follow("emqx-go-0", "emqx-go");
        awaitText(READY);
        said.clear();
        cluster.replace(pod("two", 0).build());
        said.add(STARTED);
        awaitText(READY + STARTED);
    }

    /** On the same machine, by whose clock both tell the time. */
    @Test
    void theNextContainersLogFollows() {
        said.add(STARTED);
        logs.follow("emqx-go-0", "emqx-go");
        awaitText(STARTED);
        said.clear();
        cluster.replace(pod("one", 1).build());
        said.add(READY);
        awaitText(STARTED + READY);
    }

    /** The kubelet tells a restart a moment after the next container has begun to talk. */
    @Test
    void whatTheNextContainerSaidBeforeItsRestartWasToldIsThereOnce() {
        var restarts = new AtomicInteger();
        podIs(() -> pod("one", restarts.get()).build(), () -> String.join("", said));
        said.add(STARTED);
        logs.follow("emqx-go-0", "emqx-go");
        awaitText(STARTED);
        said.clear();
        said.add(READY);
        awaitText(STARTED + READY);
        restarts.incrementAndGet();
        awaitAnotherStream();
        assertThat(file()).isEqualTo(STARTED + READY);
    }

    /** Between the question who is there and the one for the log. */
    @Test
    void whatTheNextPodSaysIsThereOnceThoughItComesRightBeforeTheStream() {
        var replaced = new AtomicBoolean();
        podIs(() -> pod(replaced.get() ? "two" : "one", 0).build(), () -> {
            replaced.set(true);
            return READY;
        });
        logs.follow("emqx-go-0", "emqx-go");
        awaitText(READY);
        awaitAnotherStream();
        assertThat(file()).isEqualTo(READY);
    }

    /** What could not be written fills no file: that it cannot be written is told, and that alone. */
    @Test
    void aFileThatCannotBeWrittenIsNotToldToBeTooLong() {
        var told = new CopyOnWriteArrayList<String>();
        var time = "2026-01-01T00:00:02Z ";
        var log = Logger.getLogger(FollowedLog.class.getName());
        var handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                told.add(record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        log.addHandler(handler);
        log.setUseParentHandlers(false);
        try {
            cluster.scripted.put(LOG, request -> {
                // after start() has removed what was there
                try {
                    Files.createDirectories(directory.resolve("nodes").resolve("emqx-go-0.log"));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return new MockResponse()
                        .setResponseCode(200)
                        .setBody(time + "x".repeat((1 << 20) - time.length() - 1) + "\n");
            });
            logs.follow("emqx-go-0", "emqx-go");
            await("the end of its thread").atMost(BOUND).until(() -> streams() > 0 && !lives("havoq-log-emqx-go-0"));
            assertThat(told).singleElement().asString().contains("cannot be written");
        } finally {
            log.removeHandler(handler);
            log.setUseParentHandlers(true);
        }
    }

    @Test
    void aLogThatBecomesTooLongIsCutOffAndSaysSo() {
        said.add(STARTED);
        said.add("2026-01-01T00:00:02Z " + "x".repeat(600 << 10) + "\n");
        said.add("2026-01-01T00:00:02.5Z " + "x".repeat(600 << 10) + "\n");
        said.add("2026-01-01T00:00:03Z too much\n");
        logs.follow("emqx-go-0", "emqx-go");
        await("the end")
                .atMost(BOUND)
                .until(() -> file().endsWith("-- the rest is not kept (havoq.kubernetes.log-size)\n"));
        assertThat(file()).startsWith(STARTED).doesNotContain("too much");
    }

    @Test
    void aLineWithoutAnEndIsNotGatheredForEver() {
        said.add("2026-01-01T00:00:02Z " + "x".repeat(1 << 20));
        logs.follow("emqx-go-0", "emqx-go");
        await("the end of its thread").atMost(BOUND).until(() -> streams() > 0 && !lives("havoq-log-emqx-go-0"));
        assertThat(logs.file("emqx-go-0")).isEmpty();
    }

    @Test
    void whatMayNotBeReadIsAskedForOnce() {
        cluster.refuse(LOG, 403, "pods/log is forbidden");
        logs.follow("emqx-go-0", "emqx-go");
        await("the end of its thread").atMost(BOUND).until(() -> streams() == 1 && !lives("havoq-log-emqx-go-0"));
        assertThat(logs.file("emqx-go-0")).isEmpty();
    }

    @Test
    void nothingIsFollowedWhereNoneIsWanted() {
        try (var none = logs(0)) {
            none.follow("emqx-go-0", "emqx-go");
            assertThat(none.file("emqx-go-0")).isEmpty();
            assertThat(lives("havoq-log-emqx-go-0")).isFalse();
        }
    }

    @Test
    void itsThreadEndsWithIt() {
        logs.follow("emqx-go-0", "emqx-go");
        assertThat(lives("havoq-log-emqx-go-0")).isTrue();
        logs.close();
        assertThat(lives("havoq-log-emqx-go-0")).isFalse();
    }

    private static boolean lives(String thread) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(one -> one.getName().equals(thread));
    }
}
