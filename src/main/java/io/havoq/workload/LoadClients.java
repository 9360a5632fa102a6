package io.havoq.workload;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.ledger.PublisherLog;
import io.havoq.ledger.SubscriberLog;
import io.havoq.mqtt.ClientProfile;
import io.havoq.time.RunClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers and publishers that send one kind of traffic, spread over the endpoints, with what they count together. Filled before
 * they are connected; thread-safe then.
 */
final class LoadClients {
    private static final int CONNECTS_IN_FLIGHT = 200;

    private final WorkloadPlan plan;
    private final List<MqttEndpoint> endpoints;
    private final Optional<Credentials> credentials;
    private final String traffic;
    private final LoadCounters counters = new LoadCounters();
    private final Connections connections = new Connections();
    private final List<LoadClient> subscribers = new ArrayList<>();
    private final List<String> topics = new ArrayList<>();
    private final List<LoadClient> publisherClients = new ArrayList<>();
    private final List<LoadPublisher> publishers = new ArrayList<>();
    private final AtomicInteger grantedLower = new AtomicInteger();

    /**
     * None so far.
     *
     * @param traffic " of" what they are, for people; empty for the load itself
     */
    LoadClients(WorkloadPlan plan, List<MqttEndpoint> endpoints, Optional<Credentials> credentials, String traffic) {
        this.plan = plan;
        this.endpoints = endpoints;
        this.credentials = credentials;
        this.traffic = traffic;
    }

    void addSubscriber(String id, String topic, SubscriberLog log) {
        subscribers.add(client(id, subscribers.size(), log));
        topics.add(topic);
    }

    void addPublisher(String id, String topic, PublisherLog log) {
        var client = client(id, publishers.size(), null);
        var publisher = new LoadPublisher(
                topic, PublishPort.of(client.client()), log, plan.outstandingPerPublisher(), counters);
        client.publishing(publisher);
        publisherClients.add(client);
        publishers.add(publisher);
    }

    private LoadClient client(String id, int number, @Nullable SubscriberLog log) {
        var profile = new ClientProfile(
                id,
                endpoints,
                number % endpoints.size(),
                credentials,
                true,
                plan.sessionExpiry(),
                plan.keepAlive(),
                ClientProfile.DEFAULT_RECEIVE_MAXIMUM);
        return new LoadClient(profile, connections, counters, log);
    }

    List<LoadClient> subscribers() {
        return Collections.unmodifiableList(subscribers);
    }

    List<LoadClient> publisherClients() {
        return Collections.unmodifiableList(publisherClients);
    }

    List<LoadPublisher> publishers() {
        return Collections.unmodifiableList(publishers);
    }

    Stream<LoadClient> all() {
        return Stream.concat(subscribers.stream(), publisherClients.stream());
    }

    /** The connections that they lost and regained. */
    Connections connections() {
        return connections;
    }

    /** Messages so far. */
    LoadProgress progress() {
        return counters.snapshot();
    }

    /** Subscriptions that were granted less than was asked for. */
    int grantedLower() {
        return grantedLower.get();
    }

    /**
     * Connects all, subscribers first and subscribed.
     *
     * @param givenUp whether no further one is to be connected
     * @throws WorkloadException if not all are by then, or one is refused for good
     */
    void connect(long deadline, BooleanSupplier givenUp) {
        connect(subscribers, "subscribers" + traffic, deadline, topics, givenUp);
        connect(publisherClients, "publishers" + traffic, deadline, null, givenUp);
    }

    private void connect(
            List<LoadClient> clients,
            String kind,
            long deadline,
            @Nullable List<String> filters,
            BooleanSupplier givenUp) {
        var slots = new Semaphore(CONNECTS_IN_FLIGHT);
        var connected = new AtomicInteger();
        var refusal = new AtomicReference<@Nullable Throwable>();
        var all = new ArrayList<CompletableFuture<?>>();
        try {
            for (var i = 0; i < clients.size() && refusal.get() == null && !givenUp.getAsBoolean(); i++) {
                if (!slots.tryAcquire(deadline - RunClock.now(), TimeUnit.NANOSECONDS)) {
                    throw new TimeoutException();
                }
                var client = clients.get(i);
                all.add(client.connect(filters == null ? null : filters.get(i), plan.subscribeQos())
                        .whenComplete((granted, error) -> {
                            if (error != null) {
                                refusal.compareAndSet(null, error);
                            } else {
                                connected.incrementAndGet();
                                if (filters != null && granted < plan.subscribeQos()) {
                                    grantedLower.incrementAndGet();
                                }
                            }
                            slots.release();
                        }));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .get(Math.max(0, deadline - RunClock.now()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new WorkloadException(
                    "only " + connected + " of " + clients.size() + " " + kind + " connected"
                            + (filters != null ? " and subscribed" : "") + " within "
                            + plan.connectTimeout().toSeconds() + " s: " + problems(clients) + "; raise "
                            + WorkloadSettings.CONNECT_TIMEOUT.key() + " if the broker is only slow",
                    e);
        } catch (ExecutionException e) {
            throw new WorkloadException(
                    "the load's " + kind + " could not connect, " + connected + " of " + clients.size() + " did: "
                            + root(e).getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkloadException("interrupted while the load's " + kind + " connected", e);
        }
    }

    private static Throwable root(ExecutionException e) {
        return e.getCause() == null ? e : e.getCause();
    }

    private static String problems(List<LoadClient> clients) {
        var found = clients.stream()
                .map(client -> client.client().lastProblem())
                .flatMap(Optional::stream)
                .distinct()
                .limit(5)
                .toList();
        return found.isEmpty() ? "no answer from the broker yet" : "last failures: " + String.join("; ", found);
    }
}
