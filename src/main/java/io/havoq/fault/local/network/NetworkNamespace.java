package io.havoq.fault.local.network;

import java.io.IOException;

/** A network namespace of its own, for one thread and for the processes and sockets that this thread makes. */
public final class NetworkNamespace {
    private NetworkNamespace() {}

    /** Puts the calling thread, which has to be a platform thread kept for this, into a new network namespace. */
    public static NetworkNamespace enter() throws IOException {
        throw new IOException("not there yet");
    }

    /** The thread that made it, as the kernel numbers it. */
    public int threadId() {
        return 0;
    }

    /** TCP's congestion control in it: inherited from the host. */
    public String congestionControl() {
        return "";
    }

    /** Whether IPv6 is off, as it should be: the switch passes IPv4 only. */
    public boolean ipv6Off() {
        return false;
    }
}
