package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.journal.Journal;
import io.havoq.mqtt.SmallBroker;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class RecordedSessionsTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final WorkloadPlan PLAN = WorkloadPlan.from(
            Settings.fromSystemProperties()
                    .with(WorkloadSettings.PUBLISHERS, "70")
                    .with(WorkloadSettings.SUBSCRIBERS, "5")
                    .with(WorkloadSettings.TOPICS, "5"),
            "havoq/test/load",
            "havoq-test-r1",
            42);

    @TempDir
    private Path state;

    private final SmallBroker broker = new SmallBroker(2);

    @AfterEach
    void endBroker() {
        broker.die();
    }

    /** A journal of a process that is no more, as a load on these endpoints leaves it. */
    private Path leftBehind(MqttEndpoint... endpoints) throws IOException {
        var directory = state.resolve("journal");
        var left = directory.resolve("1-1-1.jsonl");
        try (var journal = Journal.open(state)) {
            journal.record(RecordedSessions.undo(PLAN, List.of(endpoints)));
            String text;
            try (var files = Files.list(directory)) {
                text = Files.readString(files.findFirst().orElseThrow());
            }
            Files.writeString(left, text.replaceFirst("\"start\":\"[^\"]*\"", "\"start\":\"another/1\""));
            journal.clear(RecordedSessions.ID);
        }
        return left;
    }

    private Journal.Swept sweep(Duration bound, MqttEndpoint... present) throws IOException {
        var credentials = Optional.of(new Credentials("test", "secret-word"));
        return Journal.sweep(state, RecordedSessions.removal(List.of(present), credentials, bound));
    }

    private static MqttEndpoint nobodyListens() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return new MqttEndpoint("dead", "127.0.0.1", socket.getLocalPort());
        }
    }

    @Test
    void everyClientOfARecordedLoadConnectsAndLeavesOnce() throws Exception {
        var left = leftBehind(nobodyListens(), broker.endpoint("before"));

        var swept = sweep(BOUND, broker.endpoint("now"));

        assertThat(swept.problems()).isEmpty();
        assertThat(swept.undone())
                .singleElement()
                .asString()
                .contains(
                        "75 clients havoq-test-r1-*",
                        "127.0.0.1:" + broker.endpoint("").port());
        await().untilAsserted(() -> assertThat(broker.disconnects()).isEqualTo(75));
        assertThat(left).doesNotExist();
    }

    @Test
    void anotherBrokerIsNotTouchedAndTheEntryStays() throws Exception {
        var recorded = nobodyListens();
        var left = leftBehind(recorded);

        var swept = sweep(BOUND, broker.endpoint("other"));

        assertThat(swept.undone()).isEmpty();
        assertThat(swept.problems())
                .singleElement()
                .asString()
                .contains("127.0.0.1:" + recorded.port(), "not among the present endpoints", left.toString());
        assertThat(broker.disconnects()).isZero();
        assertThat(left).exists();
    }

    @Test
    void aBrokerThatIsNotReachedIsSaidWithinTheBoundAndTheEntryStays() throws Exception {
        var dead = nobodyListens();
        var left = leftBehind(dead);

        var swept = sweep(Duration.ofMillis(300), dead);

        assertThat(swept.undone()).isEmpty();
        assertThat(swept.problems())
                .singleElement()
                .asString()
                .contains("removed 0 of 75 sessions", "Connection refused")
                .doesNotContain("secret-word");
        assertThat(left).exists();
    }

    @Test
    void aSweepWithoutTheActionLeavesTheEntryAlone() throws Exception {
        var left = leftBehind(broker.endpoint("n0"));

        var swept = Journal.sweep(state, Map.of());

        assertThat(swept.problems()).isEmpty();
        assertThat(swept.kept()).hasSize(1);
        assertThat(left).exists();
        assertThat(sweep(BOUND, broker.endpoint("n0")).undone()).hasSize(1);
    }
}
