package io.havoq.fault.local.network;

import io.havoq.fault.FaultException;
import io.havoq.fault.local.probe.Reading;
import io.havoq.fault.local.probe.Train;
import io.havoq.fault.local.service.Calls;
import io.havoq.manifest.DnsChaos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The nodes' network as the test JVM holds it: every method asks the {@link NetworkService} in the sandbox and waits for its
 * answer. Thread-safe.
 */
public final class NetworkControl {
    /** The name of the place that clients come from; no node may be called so. */
    public static final String CLIENTS = "clients";

    private final Calls calls;

    /** From which side of the network a node is reached. */
    public enum Side {
        /** From where its clients are, through the packet switch: what happens to packets happens to these connections. */
        CLIENTS,
        /** From the node's own namespace. */
        NODE
    }

    /** A node's address and host name. */
    public record Address(String ip, String hostName) {}

    /** Whether the nodes got a network of their own. */
    public sealed interface Opened {
        /** They did. */
        record Own(String how, Map<String, Address> addresses) implements Opened {}

        /** They did not, and stay on the machine's: why, and what would have to change. */
        record None(String reason, String remedy) implements Opened {}
    }

    public NetworkControl(Calls calls) {
        this.calls = calls;
    }

    /**
     * Makes the network; nothing is changed where it cannot be had.
     *
     * @param kinds how packets may be carried, in the order in which it is tried
     * @param seed of all that is random in it
     */
    public Opened open(List<String> nodes, List<Ports.Kind> kinds, long seed) throws IOException {
        var arguments = new ArrayList<>(
                List.of(kinds.stream().map(Ports.Kind::name).collect(Collectors.joining(",")), Long.toString(seed)));
        arguments.addAll(nodes);
        var answer = calls.call("network.open", arguments);
        if (answer.get(0).equals("none")) {
            return new Opened.None(answer.get(1), answer.get(2));
        }
        var addresses = new LinkedHashMap<String, Address>();
        for (int i = 2; i < answer.size(); i += 3) {
            addresses.put(answer.get(i), new Address(answer.get(i + 1), answer.get(i + 2)));
        }
        return new Opened.Own(answer.get(1), addresses);
    }

    /**
     * Opens a way in for this JVM: a port at 127.0.0.1 that is relayed to the node's.
     *
     * @param local the port here; 0 for any that is free
     */
    public int listen(String node, String purpose, int port, Side side, int local) throws IOException {
        return Integer.parseInt(calls.call(
                        "network.listen",
                        List.of(node, purpose, Integer.toString(port), side.name(), Integer.toString(local)))
                .get(0));
    }

    /** Why a node's port accepts no connections on its own side; empty if it does. */
    public Optional<String> connects(String node, int port) {
        return connects(node, port, false);
    }

    /** Whether a node accepts connections from itself only, at 127.0.0.1, so that nobody else can reach it. */
    public boolean listensToItselfOnly(String node, int port) {
        return connects(node, port, false).isPresent()
                && connects(node, port, true).isEmpty();
    }

    private Optional<String> connects(String node, int port, boolean loopback) {
        try {
            var answer =
                    calls.call("network.connects", List.of(node, Integer.toString(port), Boolean.toString(loopback)));
            return answer.isEmpty() ? Optional.empty() : Optional.of(answer.get(0));
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Puts a rule in force; the whole of it at once for each pair. */
    public void impose(String rule, Map<Pair, List<Impairment>> impairments) {
        var arguments = new ArrayList<>(List.of(rule));
        impairments.forEach((pair, list) -> arguments.add(Wire.of(pair, list)));
        ask("network.impose", arguments);
    }

    /** Takes a rule out of force and returns what it did in all. Idempotent: of a rule that is not in force, nothing. */
    public Map<Pair, PairCounters> lift(String rule) {
        return Wire.counters(ask("network.lift", List.of(rule)));
    }

    /** What a rule did so far; empty if it is not in force. */
    public Map<Pair, PairCounters> counters(String rule) {
        return Wire.counters(ask("network.counters", List.of(rule)));
    }

    /** From now on the switch's own health is measured afresh, for whoever names this mark. */
    public long mark() {
        return Long.parseLong(ask("network.mark", List.of()).get(0));
    }

    /** The switch's own lateness and drops since a mark. */
    public SwitchHealth health(long mark) {
        return Wire.health(ask("network.health", List.of(Long.toString(mark))));
    }

    /** Sends datagrams from one place to another and back, by ordinary sockets. */
    public Reading ping(Pair pair, int count, Duration interval, int payloadBytes, Duration bound) {
        return Wire.reading(ask(
                "network.ping",
                List.of(
                        pair.source(),
                        pair.destination(),
                        Integer.toString(count),
                        Long.toString(interval.toNanos()),
                        Integer.toString(payloadBytes),
                        Long.toString(bound.toNanos()))));
    }

    /** Sends datagrams back to back, and tells at which rate they arrived. */
    public Train train(Pair pair, int count, int payloadBytes, Duration bound) {
        return Wire.train(
                pair,
                ask(
                        "network.train",
                        List.of(
                                pair.source(),
                                pair.destination(),
                                Integer.toString(count),
                                Integer.toString(payloadBytes),
                                Long.toString(bound.toNanos()))));
    }

    /** From now on a node's questions for some names are answered wrongly; no pattern means every name. */
    public void imposeDns(String rule, String node, DnsChaos.Action action, List<String> patterns) {
        var arguments = new ArrayList<>(List.of(rule, node, action.name()));
        arguments.addAll(patterns);
        ask("dns.impose", arguments);
    }

    /** Takes a rule of the name service out of force. Idempotent. */
    public void liftDns(String rule) {
        ask("dns.lift", List.of(rule));
    }

    /** How many of a node's questions a rule has answered wrongly. */
    public long answeredWrongly(String rule, String node) {
        return Long.parseLong(ask("dns.counters", List.of(rule, node)).get(1));
    }

    /** What an ordinary program on a node finds for a name: addresses; empty if it finds nothing. */
    public List<String> lookUp(String node, String name) {
        return ask("dns.lookup", List.of(node, name));
    }

    /** Writes every packet that arrives to a file from now on, up to a bound. */
    public void capture(Path file, long maxBytes) {
        ask("network.capture", List.of(file.toString(), Long.toString(maxBytes)));
    }

    /** Ends the capture. Idempotent. */
    public void endCapture() {
        ask("network.capture-end", List.of());
    }

    /** Cuts all of a node's links, as when its power fails; they are back when its process is started again. */
    public void powerOff(String node) {
        ask("network.power-off", List.of(node));
    }

    /** Joins a node's links again without a start of its process. Idempotent. */
    public void powerOn(String node) {
        ask("network.power-on", List.of(node));
    }

    /** How many packets from or to a node its cut links have dropped so far, at any time. */
    long cutPackets(String node) {
        return Long.parseLong(ask("network.cut-packets", List.of(node)).get(0));
    }

    private List<String> ask(String verb, List<String> arguments) {
        try {
            return calls.call(verb, arguments);
        } catch (IOException e) {
            throw new FaultException("the nodes' network: " + verb + " " + arguments + " failed: " + e.getMessage(), e);
        }
    }
}
