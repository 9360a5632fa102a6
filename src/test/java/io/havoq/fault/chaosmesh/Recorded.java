package io.havoq.fault.chaosmesh;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Statuses and pods as a cluster shows them, shortened to what is read. */
final class Recorded {
    private Recorded() {}

    /** Right after its creation, in every version: AllRecovered although nothing was injected. */
    static final String NOT_BEGUN = """
            {"conditions":[{"type":"Selected","status":"False"},{"type":"AllInjected","status":"False"},
             {"type":"AllRecovered","status":"True"},{"type":"Paused","status":"False"}],
             "experiment":{"desiredPhase":"Run"}}
            """;

    /** Chaos Mesh 2.6.0 to 2.6.2 where nothing was selected. */
    static final String BOTH_TRUE_WITHOUT_RECORDS = """
            {"conditions":[{"type":"Selected","status":"True"},{"type":"AllInjected","status":"True"},
             {"type":"AllRecovered","status":"True"},{"type":"Paused","status":"False"}],
             "experiment":{"desiredPhase":"Run"}}
            """;

    /** Injected by its conditions, which are ahead of or behind the records. */
    static String status(boolean allInjected, String desiredPhase, String... records) {
        return """
                {"conditions":[{"type":"Selected","status":"True"},{"type":"AllInjected","status":"%s"},
                 {"type":"AllRecovered","status":"False"},{"type":"Paused","status":"False"}],
                 "experiment":{"desiredPhase":"%s","containerRecords":[%s]}}
                """.formatted(allInjected ? "True" : "False", desiredPhase, String.join(",", records));
    }

    static String injected(String... ids) {
        return status(
                true,
                "Run",
                Arrays.stream(ids).map(id -> record(id, ".", "Injected", 1)).toArray(String[]::new));
    }

    static String record(String id, String selectorKey, String phase, int injectedCount) {
        return """
                {"id":"%s","selectorKey":"%s","phase":"%s","injectedCount":%d,"recoveredCount":0,
                 "events":[{"type":"Succeeded","operation":"Apply","timestamp":"2026-01-01T00:00:00Z"}]}
                """.formatted(id, selectorKey, phase, injectedCount);
    }

    static String failing(String id, String message) {
        return """
                {"id":"%s","selectorKey":".","phase":"Not Injected","injectedCount":0,"recoveredCount":0,
                 "events":[{"type":"Failed","operation":"Apply","message":"%s","timestamp":"2026-01-01T00:00:00Z"}]}
                """.formatted(id, message);
    }

    static String pod(String name, String uid, int restarts) {
        return pod(name, uid, "Running", "broker:1", container("broker", restarts, "{\"running\":{}}", "{}"));
    }

    /** One whose container ended the last time with this exit code. */
    static String ended(String name, String uid, int restarts, int exitCode, String reason) {
        return pod(
                name,
                uid,
                "Running",
                "broker:1",
                container(
                        "broker",
                        restarts,
                        "{\"running\":{}}",
                        "{\"terminated\":{\"exitCode\":%d,\"reason\":\"%s\"}}".formatted(exitCode, reason)));
    }

    static String container(String name, int restarts, String state, String lastState) {
        return """
                {"name":"%s","restartCount":%d,"ready":true,"state":%s,"lastState":%s}
                """.formatted(name, restarts, state, lastState);
    }

    static String pod(String name, String uid, String phase, String image, String... statuses) {
        return """
                {"kind":"Pod","metadata":{"name":"%1$s","namespace":"default","uid":"%2$s"},
                 "spec":{"nodeName":"node-a","subdomain":"emqx-go-headless",
                  "containers":[{"name":"broker","image":"%4$s","ports":[{"name":"mqtt","containerPort":1883},
                   {"name":"metrics","containerPort":8082}],"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]},
                 "status":{"phase":"%3$s","podIP":"%5$s","containerStatuses":[%6$s]}}
                """.formatted(
                name, uid, phase, image, address(name), Arrays.stream(statuses).collect(Collectors.joining(",")));
    }

    static String address(String name) {
        return "10.1.0." + (1 + Math.floorMod(name.hashCode(), 200));
    }
}
