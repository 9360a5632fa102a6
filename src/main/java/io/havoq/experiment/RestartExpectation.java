package io.havoq.experiment;

import io.havoq.recovery.Restart;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How the targets of an experiment must have restarted. */
final class RestartExpectation {
    private RestartExpectation() {}

    /** By target name; where several faults hit one target, what they do together. */
    static Map<String, Restart> of(List<PlannedFault> plan) {
        return plan.stream()
                .flatMap(fault -> fault.targets().stream()
                        .map(target -> Map.entry(
                                target.name(), Restart.of(fault.document().spec()))))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Restart::and));
    }
}
