package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.Inet4Address;

/** Opens the nodes' network interfaces, of the kind that this machine allows. */
public final class Ports implements AutoCloseable {
    private final Kind kind;
    private final String reason;

    /** How a node's interface reaches the switch. */
    public enum Kind {
        /** A TUN device. */
        TUN,
        /** A veth pair whose other end the switch reads with a packet socket. */
        VETH
    }

    /** What is wanted: the first that works, or one and no other. */
    public enum Preference {
        AUTO,
        TUN,
        VETH
    }

    private Ports(Kind kind, String reason) {
        this.kind = kind;
        this.reason = reason;
    }

    /**
     * Tries what is wanted on a namespace that is gone afterwards.
     *
     * @throws IOException if none of it works; says what, why and what to do
     */
    public static Ports choose(Preference preference) throws IOException {
        return new Ports(preference == Preference.VETH ? Kind.VETH : Kind.TUN, "");
    }

    public Kind kind() {
        return kind;
    }

    /** Why this kind, in a few words. */
    public String reason() {
        return reason;
    }

    /**
     * Gives the namespace its interface {@code eth0}, up and with this address. To be called on the namespace's thread.
     *
     * @param prefix length of the network's prefix, e.g. 24
     * @param mtu largest packet in bytes
     */
    public Port open(NetworkNamespace namespace, Inet4Address address, int prefix, int mtu) throws IOException {
        throw new IOException("not there yet");
    }

    @Override
    public void close() {}
}
