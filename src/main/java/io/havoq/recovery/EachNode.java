package io.havoq.recovery;

import io.havoq.environment.MqttEndpoint;
import io.havoq.time.Pauses;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Checks several nodes at once, each on a thread of its own. */
final class EachNode {
    private EachNode() {}

    /** The check of one node. */
    @FunctionalInterface
    interface Check<T> {
        /**
         * Checks one.
         *
         * @param pauses between its attempts; closed when nobody waits for the result any more
         */
        T of(MqttEndpoint endpoint, Pauses pauses) throws InterruptedException;
    }

    /**
     * Waits for all; the results are in the nodes' order.
     *
     * @param name of the check, for its threads and for people
     * @throws ProbeException if a check broke
     */
    static <T> List<T> check(String name, List<MqttEndpoint> endpoints, Check<T> check) throws InterruptedException {
        try (var pauses = new Pauses()) {
            var running = endpoints.stream()
                    .map(endpoint -> CompletableFuture.supplyAsync(
                            () -> checked(name, endpoint, pauses, check), task -> begin(name, task)))
                    .toList();
            var results = new ArrayList<T>();
            for (var one : running) {
                results.add(one.get());
            }
            return List.copyOf(results);
        } catch (ExecutionException e) {
            throw new ProbeException("the " + name + " broke: " + e.getCause(), e.getCause());
        }
    }

    private static void begin(String name, Runnable task) {
        var thread = new Thread(task, "havoq-" + name.replace(' ', '-'));
        thread.setDaemon(true);
        thread.start();
    }

    private static <T> T checked(String name, MqttEndpoint endpoint, Pauses pauses, Check<T> check) {
        try {
            return check.of(endpoint, pauses);
        } catch (InterruptedException e) {
            throw new ProbeException("the " + name + " of " + endpoint + " was interrupted", e);
        }
    }
}
