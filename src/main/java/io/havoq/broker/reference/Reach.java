package io.havoq.broker.reference;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tries whether a peer can be connected to, before Ratis does. Ratis waits for a connection as long as Netty's default of
 * 30 s, while the kernel repeats the SYN at growing intervals: a peer that was cut off would be found again up to 16 s
 * after the network healed. A short try of this node's own finds it within a second. Thread-safe.
 */
final class Reach {
    private static final int TRY_MILLIS = 700;

    private final PeerAddresses addresses;
    private final Contacts contacts;
    private final Set<String> doubtful = ConcurrentHashMap.newKeySet();

    Reach(PeerAddresses addresses, Contacts contacts) {
        this.addresses = addresses;
        this.contacts = contacts;
        doubtful.addAll(addresses.peers());
    }

    /** Returns if a connection stands or can be had, and to the right one; blocks for less than a second. */
    void require(String peer) throws IOException {
        if (!addresses.confirmed(peer)) {
            throw new ConnectException("nobody at " + addresses.of(peer) + " has said yet to be " + peer);
        }
        requireAnyone(peer);
    }

    /** Returns if a connection stands or can be had, to whoever is there; blocks for less than a second. */
    void requireAnyone(String peer) throws IOException {
        if (doubtful.contains(peer)) {
            var address = addresses.of(peer);
            try (var socket = new Socket()) {
                socket.connect(address, TRY_MILLIS);
            } catch (SocketTimeoutException e) {
                // An InterruptedIOException by type, on which Ratis ends the thread that feeds the follower.
                var silent = new ConnectException(peer + " at " + address + " does not answer");
                silent.initCause(e);
                throw silent;
            }
        }
    }

    /** A request was answered: its connection is good. */
    void answered(String peer) {
        doubtful.remove(peer);
        contacts.heard(peer, System.nanoTime());
    }

    /** A request failed: its connection is not to be trusted. */
    void failed(String peer) {
        doubtful.add(peer);
    }
}
