package io.havoq.workload;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.journal.Journal;
import io.havoq.journal.Undo;
import io.havoq.mqtt.SessionRemoval;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a load leaves in a broker that lives on when the load's process is killed: written to the journal before it connects, so
 * that a later run removes it. Holds no credentials: the later run uses its own.
 */
public final class RecordedSessions {
    /** The kind of the journal's entry. */
    public static final String KIND = "mqtt-sessions";

    /** One load has one entry. */
    static final String ID = "load-sessions";

    private RecordedSessions() {}

    /** What has to be recorded before a load connects. */
    static Undo undo(WorkloadPlan plan, List<MqttEndpoint> endpoints) {
        return new Undo(
                ID,
                KIND,
                Map.of(
                        "endpoints",
                        endpoints.stream().map(RecordedSessions::address).collect(Collectors.joining(",")),
                        "clientPrefix",
                        plan.clientPrefix(),
                        "publishers",
                        Integer.toString(plan.publishers()),
                        "subscribers",
                        Integer.toString(plan.subscribers()),
                        "sessionExpiry",
                        GoDuration.format(plan.sessionExpiry())));
    }

    /**
     * The action for {@link Journal#sweep} that removes the sessions of killed loads, where one of the endpoints is recorded with
     * them; other entries stay in the journal.
     *
     * @param endpoints of the broker that the caller is going to use
     * @param bound for all entries of the sweep together, from now
     */
    public static Map<String, Journal.Action> removal(
            List<MqttEndpoint> endpoints, Optional<Credentials> credentials, Duration bound) {
        var deadline = RunClock.now() + bound.toNanos();
        return Map.of(KIND, undo -> remove(undo, endpoints, credentials, deadline));
    }

    private static String remove(
            Undo undo, List<MqttEndpoint> present, Optional<Credentials> credentials, long deadlineNanos)
            throws IOException {
        var recorded = List.of(detail(undo, "endpoints").split(",", -1));
        // Only these: another broker among the present ones would say that the session is gone, and prove nothing.
        var common = present.stream()
                .filter(endpoint -> recorded.contains(address(endpoint)))
                .toList();
        if (common.isEmpty()) {
            throw new IOException("its broker is not among the present endpoints; run against one of " + recorded
                    + " to have the sessions removed, or delete that file once they have expired ("
                    + detail(undo, "sessionExpiry") + " after the run was killed)");
        }
        var clientIds = clientIds(undo);
        var left = Duration.ofNanos(Math.max(0, deadlineNanos - RunClock.now()));
        var result = SessionRemoval.remove(clientIds, common, credentials, left);
        var addresses = common.stream().map(RecordedSessions::address).collect(Collectors.joining(","));
        if (result.removed() < clientIds.size()) {
            throw new IOException("removed " + result.removed() + " of " + clientIds.size() + " sessions from "
                    + addresses + ": " + result.problem().orElse("no cause is known"));
        }
        return "removed the sessions of " + clientIds.size() + " clients " + detail(undo, "clientPrefix") + "-* from "
                + addresses + ", as far as they had not expired";
    }

    private static List<String> clientIds(Undo undo) throws IOException {
        var prefix = detail(undo, "clientPrefix");
        return Stream.concat(
                        IntStream.range(0, Integer.parseInt(detail(undo, "publishers")))
                                .mapToObj(number -> LoadDriver.publisherId(prefix, number)),
                        IntStream.range(0, Integer.parseInt(detail(undo, "subscribers")))
                                .mapToObj(number -> LoadDriver.subscriberId(prefix, number)))
                .toList();
    }

    private static String detail(Undo undo, String name) throws IOException {
        var value = undo.details().get(name);
        if (value == null) {
            throw new IOException("the entry has no '" + name + "'");
        }
        return value;
    }

    private static String address(MqttEndpoint endpoint) {
        return endpoint.host() + ":" + endpoint.port();
    }
}
