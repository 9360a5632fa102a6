package io.havoq.broker.reference;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the other members are. What the DNS said is only a guess until the peer at that address has said its own name; so
 * long its name is asked for again and again. Then the address stays: a member that loses its connections while the DNS is
 * wrong or away connects anew by address. A peer that is silent may have come back elsewhere, as a replaced pod does: then what
 * the DNS says and the address that was right take turns, until somebody at one of them says the peer's name. Thread-safe.
 */
final class PeerAddresses {
    private static final Logger LOG = LoggerFactory.getLogger(PeerAddresses.class);

    private final Map<String, HostPort> names;
    private final Names.Resolver resolver;
    private final Map<String, InetSocketAddress> addresses = new ConcurrentHashMap<>();
    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();
    /** Where each peer was when it last said its name. */
    private final Map<String, InetSocketAddress> proven = new ConcurrentHashMap<>();

    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    /**
     * @param names where each peer is, by host name or address; without this node
     * @param found the address of each host name, see {@link Names}
     */
    PeerAddresses(Map<String, HostPort> names, Map<String, String> found, Names.Resolver resolver) {
        this.names = Map.copyOf(new TreeMap<>(names));
        this.resolver = resolver;
        names.forEach((peer, at) ->
                addresses.put(peer, new InetSocketAddress(found.getOrDefault(at.host(), at.host()), at.port())));
    }

    Set<String> peers() {
        return names.keySet();
    }

    /** Where the peer is thought to be. */
    InetSocketAddress of(String peer) {
        var address = addresses.get(peer);
        if (address == null) {
            throw new IllegalArgumentException(peer + " is none of the peers " + names.keySet());
        }
        return address;
    }

    /** Whether the peer at this address has said its name. */
    boolean confirmed(String peer) {
        return confirmed.contains(peer);
    }

    /** Somebody at that address said its name: what it is stays, if it was the expected one. */
    void confirm(String peer, InetSocketAddress at) {
        if (at.equals(of(peer))) {
            silent.remove(peer);
            if (!at.equals(proven.put(peer, at))) {
                LOG.info("{} is at {}", peer, at);
            }
            confirmed.add(peer);
        }
    }

    /** The peer did not answer where it is thought to be; it may be elsewhere. */
    void silent(String peer) {
        silent.add(peer);
    }

    /** The peers that have never said their names. */
    List<String> unconfirmed() {
        return names.keySet().stream()
                .filter(peer -> !proven.containsKey(peer))
                .sorted()
                .toList();
    }

    /** Asks the DNS for the peers that have not said their names yet, or are silent; blocks as long as that takes. */
    void askAgain() {
        names.forEach((peer, name) -> {
            var right = proven.get(peer);
            if (right == null || silent.contains(peer)) {
                if (right != null && !right.equals(of(peer))) {
                    moved(peer, right);
                    return;
                }
                try {
                    moved(peer, numeric(resolver.resolve(name.host()), name.port()));
                } catch (UnknownHostException e) {
                    LOG.debug("{} has no address now", name, e);
                }
            }
        });
    }

    /** Without the name that led there: whoever connects would ask the DNS for it once more. */
    private static InetSocketAddress numeric(InetAddress address, int port) {
        return new InetSocketAddress(address.getHostAddress(), port);
    }

    private void moved(String peer, InetSocketAddress now) {
        var before = addresses.get(peer);
        if (!now.equals(before)) {
            if (proven.containsKey(peer)) {
                LOG.info("{} did not answer at {}: {} is tried", peer, before, now);
            } else {
                LOG.warn("{} did not answer at {}, the DNS now says {}", peer, before, now);
            }
            // First this: until it has said its name there, nobody but the one who asks for it may go there.
            confirmed.remove(peer);
            addresses.put(peer, now);
        }
    }
}
