package io.havoq.fault.local.syscall;

import io.havoq.fault.FaultException;
import io.havoq.fault.local.service.Calls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The nodes' system calls as the test JVM holds them: every method asks the {@link SyscallService} in the sandbox and waits for its
 * answer. Thread-safe.
 */
public final class SyscallControl {
    private final Calls calls;
    private volatile boolean attaching;
    private volatile String notAttaching = "";
    private volatile Set<String> watched = Set.of();

    /** A call that a witness made. */
    record Seen(String method, String call, long micros, int errno) {}

    public SyscallControl(Calls calls) {
        this.calls = calls;
    }

    /**
     * Has calls of the nodes' processes watched: from the first rule for a node on, or, where {@link #attaching} tells that this cannot be
     * done, of every process that is started from now on. To be asked before the nodes are started, and again for more calls.
     *
     * @return why it cannot be done, and what would have to change; empty if it is
     */
    public Optional<SyscallSupport.Unavailable> open(Collection<String> names) throws IOException {
        var answer = calls.call("syscall.open", List.copyOf(names));
        if (answer.get(0).equals("none")) {
            return Optional.of(new SyscallSupport.Unavailable(answer.get(1), answer.get(2)));
        }
        attaching = answer.get(0).equals(SyscallService.ATTACHING);
        notAttaching = attaching ? "" : answer.get(1);
        watched = Set.copyOf(names);
        return Optional.empty();
    }

    /** Whether processes that run are attached to when a rule is put in force; else they are watched from their start. */
    public boolean attaching() {
        return attaching;
    }

    /** Why they are not attached to. */
    public String notAttaching() {
        return notAttaching;
    }

    /** The names of the calls that can be reached. */
    public Set<String> watched() {
        return watched;
    }

    /** Has the processes of nodes watched that run now, if they are not. */
    void attach(Collection<String> nodes) {
        ask("syscall.attach", List.copyOf(nodes));
    }

    /** Puts a rule in force on a node. */
    void impose(String rule, String node, long seed, CallRule wanted) {
        var arguments = new ArrayList<>(List.of(rule, node, Long.toString(seed)));
        arguments.addAll(wanted.words());
        ask("syscall.impose", arguments);
    }

    /** Takes a rule out of force on all nodes, lets go what it holds, and returns what it did in all. Idempotent. */
    Map<String, Map<String, CallCounters>> lift(String rule) {
        return counters(ask("syscall.lift", List.of(rule)));
    }

    /** What a rule did so far, by node and call; a node where it is not in force is not there. */
    Map<String, Map<String, CallCounters>> counters(String rule) {
        return counters(ask("syscall.counters", List.of(rule)));
    }

    private static Map<String, Map<String, CallCounters>> counters(List<String> lines) {
        var counters = new LinkedHashMap<String, Map<String, CallCounters>>();
        for (var line : lines) {
            var words = line.split("\t", -1);
            var node = counters.computeIfAbsent(words[0], any -> new TreeMap<>());
            if (!words[1].isEmpty()) {
                node.put(
                        words[1],
                        new CallCounters(Long.parseLong(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4])));
            }
        }
        return counters;
    }

    /**
     * Has the node's witness make calls.
     *
     * @param existing whether the file is the broker's own, with which only harmless things are done
     */
    List<Seen> look(String node, String file, boolean existing, Set<String> methods) {
        var arguments = new ArrayList<>(List.of(node, file, existing ? "existing" : "own"));
        arguments.addAll(methods);
        return ask("syscall.look", arguments).stream()
                .map(line -> line.split("\t", -1))
                .map(words -> new Seen(words[0], words[1], Long.parseLong(words[2]), Integer.parseInt(words[3])))
                .toList();
    }

    private List<String> ask(String verb, List<String> arguments) {
        try {
            return calls.call(verb, arguments);
        } catch (IOException e) {
            throw new FaultException(
                    "the nodes' system calls: " + verb + " " + arguments + " failed: " + e.getMessage(), e);
        }
    }
}
