package io.havoq.broker;

import java.util.List;
import java.util.Map;

/**
 * How one node is started.
 *
 * @param command program and arguments
 * @param environment variables added to a small clean environment
 */
public record Launch(List<String> command, Map<String, String> environment) {
    /** Copies the collections. */
    public Launch {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
