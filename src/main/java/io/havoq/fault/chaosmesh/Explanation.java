package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.databind.JsonNode;
import io.havoq.environment.Target;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** Why a chaos object does not do what it should: from its events, its records, and the objects that Chaos Mesh made of it. */
final class Explanation {
    private final ClusterApi api;

    Explanation(ClusterApi api) {
        this.api = api;
    }

    /** What Chaos Mesh's events tell of its failures, the latest last. That they cannot be read is told in their place. */
    List<String> failedEvents(ObjectRef object) {
        var failures = new LinkedHashSet<String>();
        try {
            var list = api.once(new Request(
                    "list",
                    "events",
                    object.namespace(),
                    "/api/v1/namespaces/" + object.namespace() + "/events?fieldSelector=involvedObject.name%3D"
                            + object.name(),
                    Optional.empty(),
                    "list the events of " + object));
            for (var event : list.path("items")) {
                if (isOf(event, object)
                        && (event.path("type").asText().equals("Warning")
                                || event.path("reason").asText().equals("Failed"))) {
                    failures.add(event.path("message").asText());
                }
            }
        } catch (ApiException e) {
            failures.add("(" + e.getMessage() + ")");
        }
        return List.copyOf(failures);
    }

    private static boolean isOf(JsonNode event, ObjectRef object) {
        var involved = event.path("involvedObject");
        return involved.path("name").asText().equals(object.name())
                && involved.path("kind").asText().equals(object.kind().text());
    }

    /** A failure to select, after which Chaos Mesh does not try again ({@code controllers/common/records}). */
    static Optional<String> ofSelection(List<String> events) {
        return events.stream()
                .filter(message -> message.contains("select targets"))
                .findFirst();
    }

    /** Everything that is known of a failure, with the likely cause and the next step. */
    String of(ObjectRef object, Optional<ChaosObject> state, List<Target> pods) {
        var lines = new ArrayList<String>();
        var events = failedEvents(object);
        lines.add(state.map(ChaosObject::state).orElse("the object is not there any more"));
        events.stream().reduce((first, last) -> last).ifPresent(last -> lines.add("its last failure: " + last));
        var details = details(object, pods);
        details.forEach(lines::add);
        var said = new ArrayList<>(details);
        said.addAll(events);
        state.flatMap(ChaosObject::failure).ifPresent(said::add);
        var diagnosis =
                said.stream().flatMap(text -> Diagnosis.of(text).stream()).findFirst();
        lines.add(diagnosis
                .or(() -> untouched(state))
                .map(Diagnosis::toString)
                .orElse("Next step: kubectl -n " + object.namespace() + " describe "
                        + object.kind().resource() + ", and kubectl -n chaos-mesh logs -l"
                        + " app.kubernetes.io/component=controller-manager"));
        return String.join(". ", lines);
    }

    private static Optional<Diagnosis> untouched(Optional<ChaosObject> state) {
        return state.filter(object -> object.records().isEmpty())
                .map(object -> object.desiredPhase().isEmpty()
                        ? new Diagnosis(
                                "Chaos Mesh's controller is not running",
                                "kubectl -n chaos-mesh get pods -l app.kubernetes.io/component=controller-manager, and its log")
                        : new Diagnosis(
                                "the selector matched nothing that Chaos Mesh may touch",
                                "look at the pods, and at the controller's log"));
    }

    /** Network and file faults are carried out by objects of their own, one per pod and of its name. */
    private List<String> details(ObjectRef object, List<Target> pods) {
        var lines = new ArrayList<String>();
        var plural = PodLedger.plural(object.kind());
        if (plural.isEmpty()) {
            return lines;
        }
        for (var pod : pods) {
            try {
                api.find(new PodLedger(plural.get(), pod.namespace(), pod.name()).get())
                        .map(node -> node.path("status").path("failedMessage").asText(""))
                        .filter(message -> !message.isEmpty())
                        .ifPresent(message -> lines.add(plural.get() + " " + pod.name() + ": " + message));
            } catch (ApiException e) {
                lines.add("(" + e.getMessage() + ")");
            }
        }
        return lines;
    }
}
