package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.environment.EnvironmentException;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.PortCheck;
import io.havoq.time.ThreadEnd;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The pods' own addresses. A pod that is killed comes back with another one, which the API server is asked for four times a second: not
 * a name server, since what a name server says is late, and subject to faults itself.
 */
final class OwnAddresses implements PodAddresses {
    private static final System.Logger LOG = System.getLogger(OwnAddresses.class.getName());
    private static final Duration PACE = Duration.ofMillis(250);
    private static final Duration THREAD_END = Duration.ofSeconds(15);

    private final BrokerPods pods;
    private final int port;
    private final Tls tls;
    private final Map<String, String> addresses = new ConcurrentHashMap<>();
    private final Map<String, MqttEndpoint> endpoints = new ConcurrentHashMap<>();
    private final Thread following;
    private boolean closed;

    OwnAddresses(BrokerPods pods, int port, Tls tls) {
        this.pods = pods;
        this.port = port;
        this.tls = tls;
        following = new Thread(this::follow, "havoq-pod-addresses");
        following.setDaemon(true);
        following.start();
    }

    @Override
    public String description() {
        return "clients use the pods' own addresses";
    }

    @Override
    public MqttEndpoint endpoint(Pod pod) {
        note(pod);
        var name = pod.getMetadata().getName();
        return endpoints.computeIfAbsent(
                name,
                key -> new MqttEndpoint(
                        name, name + "." + pod.getMetadata().getNamespace(), port, () -> now(name), tls.secured()));
    }

    private void note(Pod pod) {
        if (pod.getStatus() != null && pod.getStatus().getPodIP() != null) {
            addresses.put(pod.getMetadata().getName(), pod.getStatus().getPodIP());
        }
    }

    /** The last address that is known: while there is no pod, nobody listens there. */
    private InetSocketAddress now(String pod) {
        var address = addresses.get(pod);
        if (address == null) {
            return InetSocketAddress.createUnresolved(pod, port);
        }
        try {
            // Resolves nothing: it is a number. The name is the one that a certificate must have.
            var number = InetAddress.getByName(address);
            return new InetSocketAddress(
                    tls.serverName(pod).isEmpty()
                            ? number
                            : InetAddress.getByAddress(tls.serverName(pod), number.getAddress()),
                    port);
        } catch (UnknownHostException e) {
            throw new EnvironmentException("the pod " + pod + " has the address '" + address + "', which is none", e);
        }
    }

    @Override
    public Optional<String> problem(String pod) {
        var address = addresses.get(pod);
        return address == null ? Optional.of("it has no address") : PortCheck.problem(address + ":" + port);
    }

    private void follow() {
        while (true) {
            try {
                pods.list().forEach(this::note);
            } catch (KubernetesClientException e) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "the pods' addresses could not be looked up, and will be again: " + e);
            }
            synchronized (this) {
                if (!closed) {
                    try {
                        TimeUnit.NANOSECONDS.timedWait(this, PACE.toNanos());
                    } catch (InterruptedException e) {
                        return; // only close() interrupts
                    }
                }
                if (closed) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        following.interrupt();
        ThreadEnd.await(following, THREAD_END);
    }
}
