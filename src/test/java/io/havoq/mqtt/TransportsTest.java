package io.havoq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.MqttTls;
import io.havoq.mqtt.ScriptedBroker.Link;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How clients reach a node that moves, and one that speaks TLS. */
class TransportsTest {
    private static final char[] WORD = "changeit".toCharArray();

    @TempDir
    private static Path directory;

    private static SslContext broker;
    private static TrustManagerFactory trusting;
    private static TrustManagerFactory trustingAnother;

    /** A certificate for {@code node-0.example}, and an authority that has nothing to do with it. */
    @BeforeAll
    static void certificates() throws Exception {
        var own = store("own", "node-0.example");
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, WORD);
        broker = SslContextBuilder.forServer(keys).build();
        trusting = trust(own);
        trustingAnother = trust(store("another", "elsewhere.example"));
    }

    private static KeyStore store(String name, String host)
            throws IOException, GeneralSecurityException, InterruptedException {
        var file = directory.resolve(name + ".p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-J-XX:TieredStopAtLevel=1",
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "2",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:" + host,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(WORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".txt").toFile())
                .start();
        assertThat(keytool.waitFor())
                .as(() -> {
                    try {
                        return Files.readString(directory.resolve(name + ".txt"));
                    } catch (IOException e) {
                        return e.toString();
                    }
                })
                .isZero();
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, WORD);
        }
        return store;
    }

    private static TrustManagerFactory trust(KeyStore keys) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var alias = keys.aliases().nextElement();
        store.setCertificateEntry(alias, keys.getCertificate(alias));
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static void accept(int connection, MqttMessage packet, Link link) {
        if (packet.fixedHeader().messageType() == MqttMessageType.CONNECT) {
            link.send(ScriptedBroker.connAck(false));
        }
    }

    private static MqttEndpoint endpoint(ScriptedBroker server, String name, TrustManagerFactory trust) {
        var port = server.endpoint().port();
        return new MqttEndpoint(
                "node-0",
                name,
                port,
                () -> {
                    try {
                        return new InetSocketAddress(InetAddress.getByAddress(name, new byte[] {127, 0, 0, 1}), port);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                Optional.of(new MqttTls(Optional.of(trust))));
    }

    private static FailoverClient client(MqttEndpoint endpoint) {
        return new FailoverClient(
                new ClientProfile(
                        "tls-test",
                        List.of(endpoint),
                        0,
                        Optional.empty(),
                        true,
                        Duration.ZERO,
                        Duration.ofSeconds(10),
                        ClientProfile.DEFAULT_RECEIVE_MAXIMUM),
                new ClientObserver() {});
    }

    @Test
    void aBrokerWhoseCertificateIsTrustedAndHasTheNameIsReachedOverTls() throws Exception {
        try (var server = new ScriptedBroker(TransportsTest::accept, Optional.of(broker))) {
            var client = client(endpoint(server, "node-0.example", trusting));
            try {
                client.connect().get(10, TimeUnit.SECONDS);
                assertThat(client.node()).contains("node-0");
            } finally {
                client.abandon();
            }
        }
    }

    private static void assertNotReached(MqttEndpoint endpoint, ScriptedBroker server, String why) {
        var client = client(endpoint);
        try {
            assertThatThrownBy(() -> client.connect().get(2, TimeUnit.SECONDS))
                    .isInstanceOfAny(TimeoutException.class, ExecutionException.class);
            assertThat(client.lastProblem())
                    .hasValueSatisfying(problem -> assertThat(problem).containsIgnoringCase(why));
            assertThat(server.seen()).isEmpty();
        } finally {
            client.abandon();
        }
    }

    @Test
    void aCertificateThatIsNotTrustedIsRefused() {
        try (var server = new ScriptedBroker(TransportsTest::accept, Optional.of(broker))) {
            assertNotReached(endpoint(server, "node-0.example", trustingAnother), server, "certification path");
        }
    }

    @Test
    void aCertificateOfAnotherNodeIsRefused() {
        try (var server = new ScriptedBroker(TransportsTest::accept, Optional.of(broker))) {
            assertNotReached(endpoint(server, "node-1.example", trusting), server, "node-1.example");
        }
    }

    @Test
    @SuppressWarnings("try") // the first one ends early: that is what the client must get over
    void aNodeThatMovedIsFoundWhereItIsNow() throws Exception {
        try (var first = new ScriptedBroker(TransportsTest::accept);
                var second = new ScriptedBroker(TransportsTest::accept)) {
            var now = new AtomicReference<>(first.endpoint().address());
            var client = client(new MqttEndpoint("node-0", "node-0", 1883, now::get, Optional.empty()));
            try {
                client.connect().get(10, TimeUnit.SECONDS);
                assertThat(first.seen()).contains("1 CONNECT");
                now.set(second.endpoint().address());
                first.close();
                await("the client is where the node is now")
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> second.seen().contains("1 CONNECT"));
            } finally {
                client.abandon();
            }
        }
    }
}
