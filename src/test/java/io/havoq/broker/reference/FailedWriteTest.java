package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.havoq.broker.ReferencePreset;
import io.havoq.broker.ReferenceSettings;
import io.havoq.environment.Role;
import io.havoq.environment.Target;
import io.havoq.environment.local.LocalEnvironment;
import io.havoq.environment.local.LocalSettings;
import io.havoq.journal.JournalSettings;
import io.havoq.ledger.Judgement;
import io.havoq.ledger.Ledger;
import io.havoq.ledger.Outcome;
import io.havoq.ledger.PublisherLog;
import io.havoq.ledger.SubscriberLog;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.Mode;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.NetworkChaos.Direction;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.settings.Settings;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk write that fails is never acknowledged, and the node leaves the majority. With one healthy disk of three there is no majority
 * that can write: if a failed write counted for anything, its message would be acknowledged here.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FailedWriteTest {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int PUBLISHERS = 6;
    private static final int BEFORE = 60;
    private static final int MEANWHILE = 300;
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());
    private static final IoChaos ERROR = IoChaos.fault("error", ALL, "/data", List.of("write", "fsync"), 5);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path directory;

    private LocalEnvironment environment;

    /** @param acknowledgedMeanwhile of those that were sent while two of three disks failed */
    private record Seen(long acknowledgedMeanwhile, Judgement judgement) {}

    @BeforeAll
    void start() {
        environment = started("state", Settings.fromSystemProperties());
    }

    @AfterAll
    void close() {
        environment.close();
    }

    private static LocalEnvironment started(String state, Settings given) {
        var settings = given.with(
                        JournalSettings.STATE, directory.resolve(state).toString())
                .with(LocalSettings.NODES, "3");
        var made = new LocalEnvironment(
                settings, new ReferencePreset(settings), directory.resolve("output-" + state), line -> {});
        made.prepare(List.of(ERROR));
        made.start();
        return made;
    }

    /** The leader and a follower. */
    @Test
    void whatTheLeaderCannotWriteIsNotAcknowledgedForIt() throws Exception {
        assertNothingIsAcknowledged(failing(environment, Role.LEADER));
    }

    @Test
    @Tag("exhaustive")
    void whatFollowersCannotWriteIsNotAcknowledgedForThem() throws Exception {
        assertNothingIsAcknowledged(failing(environment, Role.FOLLOWER));
    }

    /** That the above can fail. */
    @Test
    @Tag("exhaustive")
    void withTheDefectAckBeforeCommitItIsAcknowledgedAndLost() throws Exception {
        try (var defective = started(
                "defective", Settings.fromSystemProperties().with(ReferenceSettings.DEFECT, "ack-before-commit"))) {
            var seen = publishWhile(defective, failing(defective, Role.LEADER));
            assertThat(seen.acknowledgedMeanwhile()).isPositive();
            assertThat(seen.judgement().violations()).isNotEmpty();
        }
    }

    /** Without a leader only votes are written, and Ratis gives one up that cannot be, instead of ending. */
    @Test
    void aFollowerThatCannotVoteLeavesAsWell() {
        var leaderAndFollower = failing(environment, Role.LEADER);
        var followers = failing(environment, Role.FOLLOWER);
        var follower = leaderAndFollower.get(1);
        var apart = environment
                .faults()
                .inject(
                        "apart",
                        NetworkChaos.partition("apart", ALL, Direction.BOTH, ALL),
                        leaderAndFollower.subList(0, 1),
                        followers);
        try {
            var error = environment.faults().inject("vote", ERROR, List.of(follower), List.of());
            try {
                await("it left for want of a disk")
                        .atMost(BOUND)
                        .until(() -> error.alsoEnded().equals(List.of(follower.name())));
            } finally {
                error.remove();
            }
        } finally {
            apart.remove();
        }
        await("every node is back")
                .atMost(BOUND)
                .until(() -> environment.targets().stream().allMatch(Target::ready));
    }

    /** Two nodes: the leader and a follower, or both followers. */
    private static List<Target> failing(LocalEnvironment in, Role role) {
        await("there is a leader").atMost(BOUND).until(() -> in.roles().containsValue(Role.LEADER));
        var roles = in.roles();
        Predicate<Target> leads = target -> roles.get(target.name()) == Role.LEADER;
        var followers = in.targets().stream().filter(leads.negate()).toList();
        return role == Role.FOLLOWER
                ? followers
                : List.of(in.targets().stream().filter(leads).findFirst().orElseThrow(), followers.get(0));
    }

    private void assertNothingIsAcknowledged(List<Target> victims) throws Exception {
        assertThat(victims).hasSize(2);
        var seen = publishWhile(environment, victims);
        assertThat(seen.acknowledgedMeanwhile())
                .as("acknowledged while only one of three disks took anything")
                .isZero();
        assertThat(seen.judgement().violations()).isEmpty();
        var counts = seen.judgement().byQos().get(1);
        assertThat(counts.acknowledged()).isEqualTo(BEFORE + MEANWHILE);
        assertThat(counts.delivered()).isEqualTo(BEFORE + MEANWHILE);
        assertThat(counts.lost()).isZero();
    }

    private static Seen publishWhile(LocalEnvironment in, List<Target> victims) throws Exception {
        var ledger = new Ledger(System.nanoTime(), 64);
        var topics = "failed-write/" + victims.get(0).name() + victims.get(1).name();
        var subscribed = ledger.subscriber(0, "reader" + topics, topics + "/+");
        var publishers = new ArrayList<Publisher>();
        try (var subscriber = new RoamingClient(in.endpoints(), "reader" + topics, 0, listener(subscribed)).connect()) {
            subscriber.subscribe(topics + "/+");
            subscribed.subscribed(2, System.nanoTime());
            for (var i = 0; i < PUBLISHERS; i++) {
                publishers.add(new Publisher(ledger, in, i, topics + "/" + i));
            }
            allOf(publish(publishers, BEFORE));
            List<CompletableFuture<?>> meanwhile;
            long acknowledged;
            var injection = in.faults().inject(topics, ERROR, victims, List.of());
            try {
                meanwhile = publish(publishers, MEANWHILE);
                await("both nodes left for want of a disk")
                        .atMost(BOUND)
                        .until(() -> injection.alsoEnded().size() == 2);
                acknowledged =
                        meanwhile.stream().filter(CompletableFuture::isDone).count();
            } finally {
                injection.remove();
            }
            assertThat(injection.figures())
                    .allSatisfy(line ->
                            assertThat(line).contains(" failed", "ended by itself", "exit status " + Fatal.EXIT_CODE));
            await("every node is back")
                    .atMost(BOUND)
                    .until(() -> in.targets().stream().allMatch(Target::ready));
            allOf(meanwhile);
            // With a defect something stays due for ever.
            if (acknowledged == 0) {
                await("everything has arrived").atMost(BOUND).until(ledger::settled);
            }
            return new Seen(acknowledged, ledger.judge());
        } finally {
            publishers.forEach(Publisher::close);
        }
    }

    private static void allOf(List<CompletableFuture<?>> futures) throws Exception {
        CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new)).get(BOUND.toSeconds(), TimeUnit.SECONDS);
    }

    private static List<CompletableFuture<?>> publish(List<Publisher> publishers, int count) {
        var futures = new ArrayList<CompletableFuture<?>>();
        for (var i = 0; i < count; i++) {
            futures.add(publishers.get(i % publishers.size()).publish());
        }
        return futures;
    }

    private static RoamingClient.Listener listener(SubscriberLog log) {
        return new RoamingClient.Listener() {
            @Override
            public void connected(boolean sessionPresent) {
                log.connected("some node", sessionPresent, System.nanoTime());
            }

            @Override
            public void arrived(Mqtt5Publish publish) {
                log.delivered(
                        publish.getTopic().toString(),
                        publish.getQos().getCode(),
                        false,
                        publish.isRetain(),
                        ByteBuffer.wrap(publish.getPayloadAsBytes()),
                        System.nanoTime());
            }
        };
    }

    /** One that has what it did counted. */
    private static final class Publisher implements AutoCloseable {
        private final PublisherLog log;
        private final String topic;
        private final RoamingClient client;

        Publisher(Ledger ledger, LocalEnvironment in, int number, String topic) throws Exception {
            this.topic = topic;
            this.log = ledger.publisher(number, "writer" + topic, topic);
            this.client = new RoamingClient(
                            in.endpoints(),
                            "writer" + topic,
                            number % in.endpoints().size(),
                            new RoamingClient.Listener() {
                                @Override
                                public void connected(boolean sessionPresent) {
                                    log.connected("some node", sessionPresent, System.nanoTime());
                                }
                            })
                    .connect();
        }

        CompletableFuture<?> publish() {
            long now = System.nanoTime();
            var message = log.sending(1, "some node", now, now);
            return client.publish(topic, 1, false, message.payload())
                    .thenAccept(any -> log.outcome(1, message.sequence(), Outcome.ACKNOWLEDGED, System.nanoTime(), ""));
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
