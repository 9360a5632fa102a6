package io.havoq.experiment;

import io.havoq.InconclusiveException;
import io.havoq.Survivors;
import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.recovery.ServiceCheck;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The survivors as the test sees them: asked anew each time, over connections of their own. */
record RunningSurvivors(List<MqttEndpoint> endpoints, Optional<Credentials> credentials) implements Survivors {
    @Override
    public Map<String, String> failures(Duration bound) {
        try {
            var failures = new LinkedHashMap<String, String>();
            for (var node : ServiceCheck.serve(endpoints, credentials, bound)) {
                if (!node.served()) {
                    failures.put(node.endpoint().target(), node.detail());
                }
            }
            return failures;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InconclusiveException("interrupted while asking the survivors whether they serve", e);
        }
    }
}
