package io.havoq.broker.reference;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of the names that a node was started with. It asks until it has them all; whether they are right is for
 * {@link PeerAddresses} to find out.
 */
final class Names {
    /** Asks the DNS for one name. */
    @FunctionalInterface
    interface Resolver {
        InetAddress resolve(String name) throws UnknownHostException;
    }

    /** Waits between two rounds. */
    @FunctionalInterface
    interface Pause {
        void millis(long millis) throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Names.class);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 1000;

    private final Resolver resolver;
    private final Pause pause;
    private volatile List<String> waiting = List.of();

    Names(Resolver resolver, Pause pause) {
        this.resolver = resolver;
        this.pause = pause;
    }

    /** The names that the DNS still owes; empty before and after {@link #resolve}. */
    List<String> waiting() {
        return waiting;
    }

    /** The numeric address of each name, sooner or later; a line in the log for each change of what is missing. */
    Map<String, String> resolve(Collection<String> names) throws InterruptedException {
        var found = new TreeMap<String, String>();
        var missing = new TreeSet<>(names);
        for (var delay = FIRST_PAUSE_MILLIS; ; delay = Math.min(2 * delay, LONGEST_PAUSE_MILLIS)) {
            var problems = new ArrayList<String>();
            // Side by side: a name whose server is silent takes ten seconds to fail (resolv.conf(5), timeout and
            // attempts).
            List.copyOf(missing).parallelStream().forEach(name -> ask(name, found, problems));
            missing.removeAll(found.keySet());
            tell(List.copyOf(missing), problems);
            if (missing.isEmpty()) {
                return found;
            }
            pause.millis(delay);
        }
    }

    private void ask(String name, Map<String, String> found, List<String> problems) {
        try {
            var address = resolver.resolve(name).getHostAddress();
            synchronized (this) {
                found.put(name, address);
            }
        } catch (UnknownHostException e) {
            synchronized (this) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private void tell(List<String> missing, List<String> problems) {
        if (!missing.equals(waiting)) {
            if (missing.isEmpty()) {
                LOG.info("every name has its address");
            } else {
                LOG.warn("waiting for DNS: {} ({})", String.join(", ", missing), String.join("; ", problems));
            }
        }
        waiting = missing;
    }
}
