package io.havoq.fault.local.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.fault.FaultException;
import io.havoq.fault.local.network.Impairment;
import io.havoq.fault.local.network.NetworkControl;
import io.havoq.fault.local.network.Pair;
import io.havoq.fault.local.network.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallOrderTest {
    private static final List<String> NODES = List.of("a", "b", "c", "d", "e");

    @TempDir
    Path data;

    @Test
    void whatIsUndoneAfterACallThatWasGivenUpStaysUndone() throws IOException {
        var options = new Sandbox.Options(new SandboxProbe(data).probe(), data, 64, 64, "call-order");
        try (var sandbox = Sandbox.start(options, event -> {})) {
            var control = new NetworkControl(sandbox::call);
            assertThat(control.open(NODES, List.of(Ports.Kind.values()), 1))
                    .isInstanceOf(NetworkControl.Opened.Own.class);
            var rules = new LinkedHashMap<Pair, List<Impairment>>();
            for (var source : NODES) {
                NODES.stream()
                        .filter(other -> !other.equals(source))
                        .forEach(other -> rules.put(new Pair(source, other), List.of(new Impairment.Partition())));
            }
            int givenUp = 0;
            for (int i = 0; i < 50; i++) {
                var rule = "rule-" + i;
                Thread.currentThread().interrupt();
                try {
                    control.impose(rule, rules);
                } catch (FaultException e) {
                    // Not every time: an answer may be there before anybody waits for it.
                    givenUp++;
                } finally {
                    assertThat(Thread.interrupted()).isTrue();
                }
                control.lift(rule);
                assertThat(control.counters(rule)).as(rule).isEmpty();
            }
            assertThat(givenUp).as("calls that were given up").isPositive();
        }
    }
}
