package io.havoq.workload;

import io.havoq.mqtt.FailoverClient;
import io.havoq.time.RunClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Ends clients and has their sessions removed, within one bound for all. Used by one thread. */
final class SessionRemovals {
    private final long deadline;
    private final List<String> remaining = new ArrayList<>();
    private boolean interrupted;

    /** Removals that have until then. */
    SessionRemovals(long deadline) {
        this.deadline = deadline;
    }

    private record Ending(FailoverClient client, CompletableFuture<Boolean> removed) {}

    /** Ends these at once; returns when their sessions are removed or were given up. An interrupt cuts it short, and is kept in mind. */
    void end(Stream<LoadClient> clients) {
        var endings = clients.map(LoadClient::client)
                .map(client -> new Ending(client, client.end()))
                .toList();
        try {
            CompletableFuture.allOf(endings.stream().map(Ending::removed).toArray(CompletableFuture[]::new))
                    .get(Math.max(0, deadline - RunClock.now()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (TimeoutException | ExecutionException e) {
            // Said by name below.
        }
        for (var ending : endings) {
            ending.client().abandon();
            if (!ending.removed().getNow(false)) {
                remaining.add(ending.client().clientId());
            }
        }
    }

    /** Client identifiers whose sessions were not removed, as far as one knows. */
    List<String> remaining() {
        return List.copyOf(remaining);
    }

    boolean interrupted() {
        return interrupted;
    }
}
