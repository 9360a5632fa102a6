package io.havoq.fault.local.service;

import java.io.IOException;
import java.util.List;

/** Carries a question from the test JVM to a {@link Service} in the sandbox, and its answer back. */
@FunctionalInterface
public interface Calls {
    /**
     * Asks and waits for the answer.
     *
     * @throws IOException in the service's own words if it could not be done
     */
    List<String> call(String verb, List<String> arguments) throws IOException;
}
