package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamesTest {
    private final List<Long> pauses = new ArrayList<>();
    private final List<List<String>> waiting = new ArrayList<>();

    @Test
    void namesAreAskedForUntilTheDnsHasThemAllAndTheWaitIsToldAndBounded() throws Exception {
        var names = new Names[1];
        names[0] = new Names(
                name -> {
                    // The first name comes with the third round, the second with the eighth.
                    if (pauses.size() < (name.startsWith("a") ? 2 : 7)) {
                        throw new UnknownHostException(name);
                    }
                    return InetAddress.getByAddress(name, new byte[] {10, 0, 0, (byte) (name.startsWith("a") ? 1 : 2)});
                },
                millis -> {
                    pauses.add(millis);
                    waiting.add(names[0].waiting());
                });

        var found = names[0].resolve(List.of("a.headless", "b.headless"));

        assertThat(found).isEqualTo(Map.of("a.headless", "10.0.0.1", "b.headless", "10.0.0.2"));
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L, 1000L);
        assertThat(waiting.get(0)).containsExactly("a.headless", "b.headless");
        assertThat(waiting.get(2)).containsExactly("b.headless");
        assertThat(names[0].waiting()).isEmpty();
    }

    @Test
    void aNodeNeedsTheNamesOfTheOthersOnlyAndGoesOnWithAddresses() {
        var arguments = Arguments.parse(
                "--node=n0",
                "--mqtt=10.0.0.1:1883",
                "--raft=10.0.0.1:8081",
                "--http=10.0.0.1:8082",
                "--peers=n0@n0.headless:8081,n1@n1.headless:8081",
                "--data=/nowhere");

        assertThat(arguments.hosts()).containsExactly("10.0.0.1", "n1.headless");
        assertThat(arguments
                        .resolved(Map.of("10.0.0.1", "10.0.0.1", "n1.headless", "10.0.0.2"))
                        .peers())
                .isEqualTo(Map.of("n0", new HostPort("10.0.0.1", 8081), "n1", new HostPort("10.0.0.2", 8081)));
    }

    @Test
    void aNodeThatWaitsForNamesSaysSoAndIsNotReady() {
        assertThat(Health.waiting("n0", 1, List.of("n1.headless", "n2.headless"))
                        .toJson())
                .contains("\"ready\":false", "\"state\":\"waiting for DNS: n1.headless, n2.headless\"");
    }
}
