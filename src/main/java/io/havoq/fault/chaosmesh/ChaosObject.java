package io.havoq.fault.chaosmesh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A chaos object as it was read: judged by its records alone, since the conditions lag behind them, are both true without any
 * (2.6.0 to 2.6.2), and AllRecovered is true before anything was injected.
 */
record ChaosObject(
        String uid,
        boolean deleting,
        List<String> finalizers,
        String run,
        String attempt,
        String desiredPhase,
        List<ChaosRecord> records,
        List<String> trueConditions) {
    /** In the annotations: which attempt to create an object this one came from. */
    static final String ATTEMPT = "havoq.io/attempt";

    ChaosObject {
        finalizers = List.copyOf(finalizers);
        records = List.copyOf(records);
        trueConditions = List.copyOf(trueConditions);
    }

    static ChaosObject of(JsonNode node) {
        var metadata = node.path("metadata");
        var experiment = node.path("status").path("experiment");
        var finalizers = new ArrayList<String>();
        metadata.path("finalizers").forEach(finalizer -> finalizers.add(finalizer.asText()));
        var records = new ArrayList<ChaosRecord>();
        experiment.path("containerRecords").forEach(record -> records.add(ChaosRecord.of(record)));
        var conditions = new ArrayList<String>();
        for (var condition : node.path("status").path("conditions")) {
            if (condition.path("status").asText().equals("True")) {
                conditions.add(condition.path("type").asText());
            }
        }
        return new ChaosObject(
                metadata.path("uid").asText(),
                !metadata.path("deletionTimestamp").isMissingNode(),
                finalizers,
                metadata.path("labels").path(ChaosMeshLabels.RUN).asText(),
                metadata.path("annotations").path(ATTEMPT).asText(),
                experiment.path("desiredPhase").asText(),
                records,
                conditions);
    }

    /** Whether Chaos Mesh says that everything that it selected is hit. */
    boolean injected() {
        return desiredPhase.equals("Run")
                && !records.isEmpty()
                && records.stream().allMatch(ChaosRecord::injected);
    }

    /** Whether Chaos Mesh says that nothing is hit any more. */
    boolean recovered() {
        return desiredPhase.equals("Stop")
                && !records.isEmpty()
                && records.stream().allMatch(ChaosRecord::recovered);
    }

    /** Why it is not injected, in a few words. */
    String state() {
        if (desiredPhase.isEmpty()) {
            return "Chaos Mesh has not touched the object: its status is empty";
        }
        if (records.isEmpty()) {
            return "desired phase " + desiredPhase + " without any record"
                    + (trueConditions.isEmpty()
                            ? ""
                            : ", though the conditions " + trueConditions
                                    + " are true (Chaos Mesh 2.6.0 to 2.6.2 says so when nothing was selected)");
        }
        return "desired phase " + desiredPhase + "; "
                + records.stream().map(ChaosRecord::toString).collect(Collectors.joining("; "));
    }

    /** The last failure that its records tell. */
    Optional<String> failure() {
        return records.stream().flatMap(record -> record.failure().stream()).reduce((first, last) -> last);
    }
}
