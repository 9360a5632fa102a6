package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.environment.MqttEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where clients reach pods. */
class PodAddressesTest {
    private static final Tls PLAIN = new Tls(Optional.empty(), "");

    private static final Pod POD =
            MockCluster.pod("emqx-go-1", "node-b", "10.42.0.7", true).build();

    private static MqttEndpoint given(String... addresses) {
        return new GivenAddresses(List.of(addresses), PLAIN).endpoint(POD);
    }

    @Test
    void anAddressMayBeAPattern() {
        assertThat(given("{host-ip}:3188{ordinal}").address()).isEqualTo(new InetSocketAddress("192.0.2.7", 31881));
        assertThat(given("{pod}.{node}.example.org:1883").host()).isEqualTo("emqx-go-1.node-b.example.org");
    }

    @Test
    void orOneForEachPod() {
        assertThat(given("emqx-go-0=192.0.2.1:1883", "emqx-go-1=192.0.2.2:1884").address())
                .isEqualTo(new InetSocketAddress("192.0.2.2", 1884));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mqtt.example.org:1883 | is the same for every pod",
                "mqtt-{ordinal}.example.org | has no port",
                "mqtt-{ordinal}.example.org:99999 | has no port",
                "mqtt-{number}.example.org:1883 | '{number}' is not known",
                "emqx-go-0=192.0.2.1 | has no port",
                "emqx-go-0=192.0.2.1:1883 | has no address for the pod emqx-go-1"
            })
    void wrongAddressesAreRefusedWithWhatIsExpected(String addresses, String complaint) {
        assertThatThrownBy(() -> given(addresses))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("setting havoq.kubernetes.addresses: ")
                .hasMessageContaining(complaint)
                .hasMessageContaining("expected one HOST:PORT with");
    }

    @Test
    void anOrdinalNeedsAStatefulSet() {
        var deployed = MockCluster.pod("emqx-7f9c-x2x", "n", "10.0.0.1", true).build();
        assertThatThrownBy(() -> new GivenAddresses(List.of("h-{ordinal}:1883"), PLAIN).endpoint(deployed))
                .hasMessageContaining("emqx-7f9c-x2x has none");
    }

    @Test
    void aPodThatComesBackWithAnotherAddressIsFoundThere() throws IOException {
        try (var cluster = new MockCluster();
                var listener = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 3}))) {
            cluster.brokers();
            var pods = new BrokerPods(cluster.client, MockCluster.NAMESPACE, MockCluster.settings(Map.of()), false);
            try (var addresses = new OwnAddresses(pods, listener.getLocalPort(), PLAIN)) {
                var endpoint = addresses.endpoint(pods.list().get(0));
                assertThat(endpoint.address().getAddress().getHostAddress()).isEqualTo("127.0.0.1");
                assertThat(addresses.problem("emqx-go-0")).isPresent();
                cluster.replace(MockCluster.pod("emqx-go-0", "node-a", "127.0.0.3", true)
                        .build());
                await("the new address")
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> endpoint.address().getAddress().getHostAddress(), "127.0.0.3"::equals);
                assertThat(addresses.problem("emqx-go-0")).isEmpty();
                assertThat(addresses.endpoint(pods.list().get(0))).isSameAs(endpoint);
            }
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .doesNotContain("havoq-pod-addresses");
        }
    }

    @Test
    void aPodWithoutAnAddressForTheMomentKeepsItsLast() {
        try (var cluster = new MockCluster()) {
            cluster.brokers();
            var pods = new BrokerPods(cluster.client, MockCluster.NAMESPACE, MockCluster.settings(Map.of()), false);
            try (var addresses = new OwnAddresses(pods, 1883, PLAIN)) {
                var endpoint = addresses.endpoint(pods.list().get(0));
                var pending = MockCluster.pod("emqx-go-0", "node-a", "", true)
                        .editStatus()
                        .withPodIP(null)
                        .endStatus()
                        .build();
                assertThat(addresses.endpoint(pending).address())
                        .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1883));
                assertThat(endpoint).isSameAs(addresses.endpoint(pending));
            }
        }
    }

    /** The name that a certificate must have goes with the number, so that nothing has to be resolved. */
    @Test
    void aServerNameGoesWithTheAddress() {
        var tls = new Tls(Optional.of(new io.havoq.environment.MqttTls(Optional.empty())), "{pod}.broker.example");
        var address = new GivenAddresses(List.of("192.0.2.{ordinal}:8883"), tls)
                .endpoint(POD)
                .address();
        assertThat(address.getHostString()).isEqualTo("emqx-go-1.broker.example");
        assertThat(address.getAddress().getHostAddress()).isEqualTo("192.0.2.1");
    }
}
