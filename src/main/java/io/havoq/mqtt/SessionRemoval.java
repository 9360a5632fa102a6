package io.havoq.mqtt;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Removes sessions from a broker whose owners are no more: connects under each client identifier with a clean start, which
 * discards the session (MQTT 5.0, 3.1.2-4), and session expiry 0, so that the new one ends with its connection (3.1.2.11.2).
 */
public final class SessionRemoval {
    /** So many at a time: a broker that has just lost a run's clients is not stormed. */
    private static final int IN_FLIGHT = 50;

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    /**
     * What came of it.
     *
     * @param removed sessions that are certainly gone, be it that they had expired before
     * @param problem why the others are not; empty if nothing failed
     */
    public record Removed(int removed, Optional<String> problem) {}

    private SessionRemoval() {}

    /**
     * Removes the sessions, trying until the bound; stops at once when the broker refuses for good, for example the credentials.
     *
     * @param endpoints nodes of the one broker that has the sessions
     */
    public static Removed remove(
            List<String> clientIds, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Duration bound) {
        var deadline = RunClock.now() + bound.toNanos();
        var slots = new Semaphore(IN_FLIGHT);
        var removed = new AtomicInteger();
        var problem = new AtomicReference<@Nullable String>();
        var clients = new ArrayList<FailoverClient>();
        try {
            for (var clientId : clientIds) {
                if (problem.get() != null
                        || RunClock.now() >= deadline
                        || !slots.tryAcquire(deadline - RunClock.now(), TimeUnit.NANOSECONDS)) {
                    break;
                }
                var client = client(clientId, clients.size(), endpoints, credentials);
                clients.add(client);
                var unused = client.connect()
                        .thenCompose(present -> client.end())
                        .whenComplete((gone, error) -> {
                            if (error != null) {
                                problem.compareAndSet(null, text(error));
                            } else if (gone) {
                                removed.incrementAndGet();
                            }
                            slots.release();
                        });
            }
            // All slots are free again when nobody is under way; if not in time, those are given up below and say why.
            var unused = slots.tryAcquire(IN_FLIGHT, Math.max(0, deadline - RunClock.now()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem.compareAndSet(null, "interrupted");
        } finally {
            clients.forEach(FailoverClient::abandon);
        }
        var done = removed.get();
        if (done == clientIds.size()) {
            return new Removed(done, Optional.empty());
        }
        problem.compareAndSet(null, "not done within " + bound.toMillis() + " ms");
        return new Removed(done, Optional.ofNullable(problem.get()));
    }

    private static FailoverClient client(
            String clientId, int number, List<MqttEndpoint> endpoints, Optional<Credentials> credentials) {
        var profile = new ClientProfile(
                clientId,
                endpoints,
                number % endpoints.size(),
                credentials,
                true,
                Duration.ZERO,
                KEEP_ALIVE,
                ClientProfile.DEFAULT_RECEIVE_MAXIMUM);
        return new FailoverClient(profile, new ClientObserver() {});
    }

    private static String text(Throwable error) {
        var cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        return Causes.text(cause);
    }
}
