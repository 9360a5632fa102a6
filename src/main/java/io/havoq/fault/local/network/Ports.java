package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Opens the nodes' network interfaces, of the kind that this machine allows. */
public final class Ports implements AutoCloseable {
    /** The interface of every node, as in a pod. */
    public static final String INTERFACE = "eth0";

    private static final byte[] PROBE = {(byte) 192, 0, 2, 1}; // RFC 5737: for documentation, never routed

    private final Kind kind;
    private final String reason;
    private final @Nullable VethPairs pairs;

    /** How a node's interface reaches the switch. */
    public enum Kind {
        /** A TUN device. */
        TUN,
        /** A veth pair whose other end the switch reads with a packet socket; needs {@code ip}. */
        VETH
    }

    private Ports(Kind kind, String reason) throws IOException {
        this.kind = kind;
        this.reason = reason;
        this.pairs = kind == Kind.VETH ? new VethPairs() : null;
    }

    /** TUN where it works, else veth. */
    public static Ports choose() throws IOException {
        return choose(Kind.values());
    }

    /**
     * The first of these kinds that works; each is tried in a namespace that is gone afterwards.
     *
     * @throws IOException if none works; says why for each, and what to do
     */
    public static Ports choose(Kind... wanted) throws IOException {
        List<String> refusals = new ArrayList<>();
        for (var kind : wanted) {
            try {
                probe(kind);
                return new Ports(kind, refusals.isEmpty() ? kind + " works" : "since " + String.join("; ", refusals));
            } catch (IOException e) {
                refusals.add(kind + ": " + e.getMessage() + hint(kind, e));
            }
        }
        throw new IOException("no kind of network interface works here, of " + Arrays.toString(wanted) + ": "
                + String.join("; ", refusals));
    }

    private static String hint(Kind kind, IOException failure) {
        if (kind != Kind.TUN || !(failure instanceof SystemCallException call)) {
            return "";
        }
        if (call.isRefusal()) {
            return " (chmod 666 " + TunPort.DEVICE + ", its usual mode; in a container: --device " + TunPort.DEVICE
                    + ")";
        }
        return " (modprobe tun; in a container: --device " + TunPort.DEVICE + ")";
    }

    private static void probe(Kind kind) throws IOException {
        var task = new FutureTask<@Nullable Void>(() -> {
            var namespace = NetworkNamespace.enter();
            try (var ports = new Ports(kind, "");
                    var port = ports.open(namespace, (Inet4Address) InetAddress.getByAddress(PROBE), 24, 1500)) {
                port.statistics();
            }
            return null;
        });
        var thread = new Thread(task, "network-probe");
        thread.setDaemon(true);
        thread.start();
        try {
            task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException refusal) {
                throw refusal;
            }
            throw new IOException(e.getCause().toString(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while probing for " + kind, e);
        }
    }

    public Kind kind() {
        return kind;
    }

    /** Why this kind, for people. */
    public String reason() {
        return reason;
    }

    /**
     * Gives the namespace its interface {@link #INTERFACE}, up and with this address. To be called on the namespace's thread.
     *
     * @param prefix length of the network's prefix, e.g. 24
     * @param mtu largest packet in bytes
     */
    public Port open(NetworkNamespace namespace, Inet4Address address, int prefix, int mtu) throws IOException {
        return pairs == null
                ? TunPort.open(namespace, INTERFACE, address, prefix, mtu)
                : pairs.open(namespace, INTERFACE, address, prefix, mtu);
    }

    /** After the last port was opened; those that are open stay so. */
    @Override
    public void close() {
        if (pairs != null) {
            pairs.close();
        }
    }
}
