package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BundlerTest {
    private final Queue<List<String>> entries = new ConcurrentLinkedQueue<>();
    private final Queue<CompletableFuture<Boolean>> commits = new ConcurrentLinkedQueue<>();
    private final Bundler bundler = new Bundler(this::append, TimeUnit.MINUTES.toMillis(1));

    @AfterEach
    void close() {
        bundler.close();
    }

    private CompletableFuture<Boolean> append(byte[] entry) {
        entries.add(Bundler.batches(entry).stream()
                .map(batch -> new String(batch, StandardCharsets.US_ASCII))
                .toList());
        var commit = new CompletableFuture<Boolean>();
        commits.add(commit);
        return commit;
    }

    private CompletableFuture<Boolean> add(String batch) {
        return bundler.add(batch.getBytes(StandardCharsets.US_ASCII));
    }

    private void awaitEntries(int count) {
        await().atMost(Duration.ofSeconds(5)).until(() -> entries.size() == count);
    }

    @Test
    void everyBatchGetsIntoOneEntryInOrderAndLearnsItsOutcome() throws Exception {
        var outcomes = new ArrayList<CompletableFuture<Boolean>>();
        for (var i = 0; i < 100; i++) {
            outcomes.add(add("" + i));
        }
        await().atMost(Duration.ofSeconds(5))
                .until(() -> entries.stream().mapToInt(List::size).sum() == 100);
        commits.forEach(commit -> commit.complete(true));

        for (var outcome : outcomes) {
            assertThat(outcome.get(5, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(entries.stream().flatMap(List::stream))
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(Integer::toString).toList());
    }

    @Test
    void whileFourEntriesAreNotCommittedTheNextOneGrows() throws Exception {
        for (var i = 0; i < 4; i++) {
            var unused = add("first" + i);
            awaitEntries(i + 1);
        }
        var unusedToo = add("a");
        var held = add("b");
        assertThat(held).isNotDone();
        assertThat(entries).hasSize(4);

        commits.remove().complete(true);

        awaitEntries(5);
        assertThat(new ArrayList<>(entries).get(4)).containsExactly("a", "b");
        assertThat(held).isNotDone();
    }

    @Test
    void onASlowNetworkAnEntryDoesNotWaitForTheCommitOfOthers() {
        try (var impatient = new Bundler(this::append, 50)) {
            for (var i = 0; i < 6; i++) {
                var unused = impatient.add(new byte[] {'x'});
                awaitEntries(i + 1);
            }
        }
        assertThat(commits).hasSize(6);
    }

    @Test
    void onASlowDiskEntriesThatWaitForOthersDoNotGetMoreThanEight() {
        try (var impatient = new Bundler(this::append, 20)) {
            for (var i = 0; i < 8; i++) {
                var unused = impatient.add(new byte[] {'x'});
                awaitEntries(i + 1);
            }
            var unused = impatient.add(new byte[] {'a'});
            await("time enough for one more")
                    .during(Duration.ofMillis(100))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> entries.size() == 8);
            var unusedToo = impatient.add(new byte[] {'b'});

            commits.remove().complete(true);

            awaitEntries(9);
            assertThat(new ArrayList<>(entries).get(8)).containsExactly("a", "b");
        }
    }

    @Test
    void anEntryThatWasNotCommittedIsToldAsSuch() throws Exception {
        var refused = add("x");
        awaitEntries(1);

        commits.remove().complete(false);

        assertThat(refused.get(5, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void aLargeBatchDoesNotWait() {
        var unused = bundler.add(new byte[20_000]);

        assertThat(entries).hasSize(1);
    }
}
