package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections through the API server and the kubelet, for smoke runs: they enter a pod over its loopback, so that no network
 * fault touches them.
 */
final class ForwardedPorts implements PodAddresses {
    private static final System.Logger LOG = System.getLogger(ForwardedPorts.class.getName());

    /** A forwarded connection is accepted here in any case; where nobody listens in the pod, it is closed soon after. */
    private static final Duration CLOSED_WITHIN = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final int port;
    private final Tls tls;
    private final Map<String, Forward> forwards = new ConcurrentHashMap<>();

    private record Forward(LocalPortForward open, MqttEndpoint endpoint) {}

    ForwardedPorts(KubernetesClient client, int port, Tls tls) {
        this.client = client;
        this.port = port;
        this.tls = tls;
    }

    @Override
    public String description() {
        return "clients use port forwarding, so that nothing seen under a network fault counts";
    }

    @Override
    public MqttEndpoint endpoint(Pod pod) {
        return forwards.computeIfAbsent(pod.getMetadata().getName(), name -> forward(name, pod))
                .endpoint();
    }

    /** By the pod's name: a new pod of the same name is found by the next connection. */
    private Forward forward(String name, Pod pod) {
        var open = client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(name)
                .portForward(port, InetAddress.getLoopbackAddress(), 0);
        var at = open.getLocalPort();
        return new Forward(
                open, new MqttEndpoint(name, "127.0.0.1", at, () -> named(at, tls.serverName(name)), tls.secured()));
    }

    private static InetSocketAddress named(int port, String serverName) {
        var loopback = InetAddress.getLoopbackAddress();
        try {
            return new InetSocketAddress(
                    serverName.isEmpty() ? loopback : InetAddress.getByAddress(serverName, loopback.getAddress()),
                    port);
        } catch (UnknownHostException e) {
            throw new EnvironmentException("the loopback address is of a wrong length", e);
        }
    }

    @Override
    public Optional<String> problem(String pod) {
        var forward = forwards.get(pod);
        if (forward == null) {
            return Optional.of("nothing is forwarded to it");
        }
        try (var socket = new Socket()) {
            var millis = Math.toIntExact(CLOSED_WITHIN.toMillis());
            socket.connect(
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), forward.endpoint().port()),
                    millis);
            socket.setSoTimeout(millis);
            // A broker says nothing before the client does (MQTT 5.0, 3.1).
            return socket.getInputStream().read() < 0
                    ? Optional.of("the forwarded connection was closed at once")
                    : Optional.empty();
        } catch (SocketTimeoutException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        for (var forward : forwards.values()) {
            try {
                forward.open().close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "a forwarded port could not be closed: " + e);
            }
        }
        forwards.clear();
    }
}
