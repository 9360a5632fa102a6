package io.havoq.recovery;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import io.havoq.time.Pauses;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether nodes refuse clients: they accept no new connection and acknowledge nothing on the old ones. One try follows
 * another on each node until it has refused without exception for a while. An answer that comes late counts from when it comes:
 * a node that is merely slow does not refuse.
 */
public final class RefusalCheck {
    /** An attempt without an answer for so long is one that was not accepted, unless the answer still comes. */
    private static final Duration ATTEMPT = Duration.ofSeconds(1);

    /** And for so long the check waits for it, if its bound allows; then nearly every client has given up. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(100);

    /** In the whole span; each takes a second at most and a tenth of one at least. */
    private static final int LEAST_ATTEMPTS = 2;

    private static final String ACCEPTED = "accepted a new connection";

    private RefusalCheck() {}

    /**
     * What a node did.
     *
     * @param servedBefore whether it acknowledged a publish on a new connection before the check
     * @param refused whether it refused for the whole span, beginning within the bound
     * @param attempts connections tried in all
     * @param detail what happened, for people
     */
    public record Refusal(MqttEndpoint endpoint, boolean servedBefore, boolean refused, int attempts, String detail) {}

    /** Tries all nodes at once; the results are in their order. */
    public static List<Refusal> refuse(
            List<MqttEndpoint> endpoints,
            Optional<Credentials> credentials,
            HeldConnections held,
            Duration bound,
            Duration span)
            throws InterruptedException {
        return EachNode.check(
                "refusal check",
                endpoints,
                (endpoint, pauses) -> new Node(endpoint, credentials, held, bound, span, pauses).check());
    }

    /** The tries on one node. */
    private static final class Node {
        private final MqttEndpoint endpoint;
        private final ProbeClients clients;
        private final ProbeScope scope = new ProbeScope(UUID.randomUUID().toString(), "refusal-check");
        private final HeldConnections held;
        private final Duration bound;
        private final Duration span;
        private final Pauses pauses;
        private final long began = RunClock.now();
        private final boolean stoodAtFirst;
        private int attempts;
        // Guarded by this: answers come on event loop threads.
        private long refusingSince = began;
        private int refusedSince;
        private @Nullable String taken;
        private @Nullable String lastRefusal;
        private int published;
        private CompletableFuture<Boolean> old = CompletableFuture.completedFuture(false);
        private final List<ShortClient> tried = new ArrayList<>();

        Node(
                MqttEndpoint endpoint,
                Optional<Credentials> credentials,
                HeldConnections held,
                Duration bound,
                Duration span,
                Pauses pauses) {
            this.endpoint = endpoint;
            this.clients = new ProbeClients(credentials, Settings.fromSystemProperties());
            this.held = held;
            this.bound = bound;
            this.span = span;
            this.pauses = pauses;
            stoodAtFirst = held.stands(endpoint.target());
        }

        Refusal check() throws InterruptedException {
            while (true) {
                if (old.isDone() && held.stands(endpoint.target())) {
                    published++;
                    old = held.publish(endpoint.target());
                    var unused = old.thenAccept(acknowledged -> {
                        if (acknowledged) {
                            taken("acknowledged a QoS 1 publish on a connection from before the fault");
                        }
                    });
                }
                tryToConnect();
                var found = found();
                if (found.isPresent()) {
                    return found.get();
                }
                if (!pauses.pass(PAUSE)) {
                    return result(false, "the check was given up");
                }
            }
        }

        private void tryToConnect() throws InterruptedException {
            attempts++;
            try (var client = new ShortClient(clients, endpoint, scope.clientId("refuses-" + attempts), ATTEMPT)) {
                tried.add(client);
                client.beginConnect(true, Duration.ZERO);
                client.whenConnected(() -> taken(ACCEPTED));
                var unused = client.connected();
                taken(ACCEPTED);
            } catch (ProbeException e) {
                synchronized (this) {
                    refusedSince++;
                    lastRefusal = e.getMessage();
                }
            }
        }

        private synchronized void taken(String how) {
            refusingSince = RunClock.now();
            refusedSince = 0;
            taken = how + " "
                    + GoDuration.format(RunClock.between(began, refusingSince).truncatedTo(ChronoUnit.MILLIS))
                    + " after the check began";
        }

        private synchronized Optional<Refusal> found() {
            var late = RunClock.between(began, refusingSince).compareTo(bound) > 0;
            if (late) {
                return Optional.of(result(false, "it " + taken));
            }
            var refusing = RunClock.between(refusingSince, RunClock.now());
            if (refusing.compareTo(span) >= 0
                    && refusedSince >= LEAST_ATTEMPTS
                    && (refusing.compareTo(PATIENCE) >= 0 || refusing.compareTo(bound) >= 0 || allAnswered())) {
                return Optional.of(result(
                        true,
                        "refused " + refusedSince + " connections within "
                                + GoDuration.format(refusing.truncatedTo(ChronoUnit.MILLIS)) + " (last: "
                                + lastRefusal + "); "
                                + (taken == null ? "" : "before that it " + taken + "; ")
                                + (stoodAtFirst
                                        ? published
                                                + " QoS 1 publishes on the connection from before the fault were not"
                                                + " acknowledged"
                                                + (held.stands(endpoint.target()) ? "" : ", then it ended")
                                        : "the connection from before the fault had ended")));
            }
            return Optional.empty();
        }

        /** An answer that is still due may be that the node accepts. */
        private boolean allAnswered() {
            tried.removeIf(ShortClient::answered);
            return tried.isEmpty() && old.isDone();
        }

        private Refusal result(boolean refused, String detail) {
            return new Refusal(endpoint, held.served(endpoint.target()), refused, attempts, detail);
        }
    }
}
