package io.havoq;

import java.time.Duration;
import org.assertj.core.api.AbstractAssert;

/** Assertions on the nodes that a fault did not hit. */
public final class SurvivorsAssert extends AbstractAssert<SurvivorsAssert, Survivors> {
    /** Long enough for an election, shorter than any recovery objective. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    SurvivorsAssert(Survivors actual) {
        super(actual, SurvivorsAssert.class);
    }

    /** Every survivor takes a new connection and carries a QoS 1 message within 10 s. Fails if there is no survivor. */
    public SurvivorsAssert serveClients() {
        return serveClientsWithin(BOUND);
    }

    /** Every survivor takes a new connection and carries a QoS 1 message within the bound. Fails if there is no survivor. */
    public SurvivorsAssert serveClientsWithin(Duration bound) {
        isNotNull();
        if (actual.endpoints().isEmpty()) {
            throw failure("expected survivors to serve clients, but the fault hit every node: nobody survived");
        }
        var failures = actual.failures(bound);
        if (!failures.isEmpty()) {
            throw failure("expected every survivor to serve clients within %s, but %s", bound, failures);
        }
        return this;
    }
}
