package io.havoq.fault.local.network;

import io.havoq.fault.local.dns.DnsFault;
import io.havoq.fault.local.dns.DnsServer;
import io.havoq.fault.local.dns.NodeFiles;
import io.havoq.fault.local.dns.NodeSockets;
import io.havoq.fault.local.dns.Zone;
import io.havoq.fault.local.probe.EchoProbe;
import io.havoq.fault.local.relay.Relay;
import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.fault.local.service.Service;
import io.havoq.manifest.DnsPattern;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The nodes' network inside the sandbox: their namespaces and the clients', the packet switch, the relay by which the test
 * JVM comes in, the name service, and the datagrams that witness what happens on the way. Carries out what
 * {@link NetworkControl} asks for. Thread-safe.
 */
public final class NetworkService implements Service {
    private static final String SUBNET = "10.77.0.";
    private static final int PREFIX = 24;
    private static final int MTU = 1_500;
    private static final int CLIENTS_HOST = 2;
    private static final int FIRST_NODE_HOST = 10;
    private static final String NAMESPACE = "default";
    private static final String HEADLESS = "emqx-go-headless";
    private static final String MQTT_SERVICE = "emqx-go-mqtt";
    private static final int CONNECT_MILLIS = 2_000;
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Set<String> WAITING =
            Set.of("network.connects", "network.ping", "network.train", "dns.lookup");

    private final Function<String, NamespaceThread> threads;
    private final Path files;
    private final AtomicBoolean capturing = new AtomicBoolean();
    private final AtomicLong lastMark = new AtomicLong();
    private final Map<Long, PacketSwitch.Mark> marks = new ConcurrentHashMap<>();
    private volatile @Nullable Network network;

    /** What there is once the network was made. */
    private record Network(
            Ports ports,
            PacketSwitch packets,
            Relay relay,
            DnsServer dns,
            EchoProbe echo,
            Map<String, NamespaceThread> threads,
            Map<String, Inet4Address> addresses,
            Map<String, NodeFiles> files,
            Map<String, List<String>> routes,
            Set<String> dark) {}

    /**
     * @param threads the thread that starts a node's processes
     * @param files where the nodes' own hosts, resolv.conf and nsswitch.conf go
     */
    public NetworkService(Function<String, NamespaceThread> threads, Path files) {
        this.threads = threads;
        this.files = files;
    }

    @Override
    public List<String> names() {
        return List.of("network", "dns");
    }

    @Override
    public List<String> call(String verb, List<String> arguments) throws IOException {
        if (verb.equals("network.open")) {
            return open(
                    Stream.of(arguments.get(0).split(",", -1))
                            .map(Ports.Kind::valueOf)
                            .toArray(Ports.Kind[]::new),
                    Long.parseLong(arguments.get(1)),
                    arguments.subList(2, arguments.size()));
        }
        var present = network;
        if (present == null) {
            throw new IOException("the nodes have no network of their own: " + verb + " means nothing");
        }
        return switch (verb) {
            case "network.listen" -> listen(present, arguments);
            case "network.connects" -> connects(present, arguments);
            case "network.impose" -> impose(present, arguments);
            case "network.lift" -> Wire.of(present.packets.lift(arguments.get(0)));
            case "network.counters" -> Wire.of(present.packets.counters(arguments.get(0)));
            case "network.mark" -> {
                long number = lastMark.incrementAndGet();
                marks.put(number, present.packets.mark());
                yield List.of(Long.toString(number));
            }
            case "network.health" -> health(present, Long.parseLong(arguments.get(0)));
            case "network.ping" -> ping(present, arguments);
            case "network.train" -> train(present, arguments);
            case "network.capture" -> {
                present.packets.capture(Path.of(arguments.get(0)), Long.parseLong(arguments.get(1)));
                capturing.set(true);
                yield List.of();
            }
            case "network.capture-end" -> {
                if (capturing.compareAndSet(true, false)) {
                    present.packets.endCapture();
                }
                yield List.of();
            }
            case "network.power-off" -> {
                // Not in between of a start that joins its links again: nobody would join them after that.
                synchronized (present.dark) {
                    present.dark.add(arguments.get(0));
                    present.packets.cut(arguments.get(0));
                }
                yield List.of();
            }
            case "network.cut-packets" -> List.of(Long.toString(cutPackets(present, arguments.get(0))));
            case "network.power-on" -> {
                join(present, arguments.get(0));
                yield List.of();
            }
            case "dns.impose" -> imposeDns(present, arguments);
            case "dns.lift" -> {
                present.dns.lift(arguments.get(0));
                yield List.of();
            }
            case "dns.counters" -> {
                var counters = present.dns.counters(arguments.get(0), arguments.get(1));
                yield List.of(Long.toString(counters.answered()), Long.toString(counters.answeredWithFault()));
            }
            case "dns.lookup" -> lookUp(present, arguments.get(0), arguments.get(1));
            default -> throw new IOException("the network does not know '" + verb + "'");
        };
    }

    /** What sends something and waits for what comes of it. */
    @Override
    public boolean waits(String verb) {
        return WAITING.contains(verb);
    }

    private synchronized List<String> open(Ports.Kind[] kinds, long seed, List<String> nodes) throws IOException {
        if (network != null) {
            throw new IOException("the nodes' network was made before");
        }
        Ports ports;
        try {
            ports = Ports.choose(kinds);
        } catch (IOException e) {
            return List.of(
                    "none",
                    String.valueOf(e.getMessage()),
                    "allow network namespaces and " + TunPort.DEVICE + " (modprobe tun; mode 666)");
        }
        var addresses = new LinkedHashMap<String, Inet4Address>();
        addresses.put(NetworkControl.CLIENTS, address(CLIENTS_HOST));
        for (var node : nodes) {
            addresses.put(node, address(FIRST_NODE_HOST + addresses.size() - 1));
        }
        var made = make(ports, seed, addresses);
        network = made;
        var answer = new ArrayList<>(List.of("own", made.packets.describe()));
        addresses.forEach((place, address) -> answer.addAll(List.of(
                place, address.getHostAddress(), place.equals(NetworkControl.CLIENTS) ? place : qualified(place))));
        return answer;
    }

    private Network make(Ports ports, long seed, Map<String, Inet4Address> addresses) throws IOException {
        var pods = new LinkedHashMap<>(addresses);
        pods.remove(NetworkControl.CLIENTS);
        var made = new Network(
                ports,
                new PacketSwitch(seed),
                new Relay("relay"),
                new DnsServer("dns", Zone.statefulSet(NAMESPACE, HEADLESS, List.of(MQTT_SERVICE), pods), seed),
                new EchoProbe("echo"),
                new LinkedHashMap<>(),
                addresses,
                new LinkedHashMap<>(),
                new ConcurrentHashMap<>(),
                ConcurrentHashMap.newKeySet());
        for (var place : addresses.entrySet()) {
            var name = place.getKey();
            var address = place.getValue();
            var clients = name.equals(NetworkControl.CLIENTS);
            var thread = clients ? new NamespaceThread(name) : threads.apply(name);
            made.threads.put(name, thread);
            made.packets.attach(
                    name, address, thread.call(() -> ports.open(NetworkNamespace.enter(), address, PREFIX, MTU)));
            made.echo.add(
                    name, () -> thread.call(DatagramChannel::open), new InetSocketAddress(address, EchoProbe.PORT));
            if (!clients) {
                made.dns.add(name, sockets(thread), DnsServer.ADDRESS);
                made.files.put(
                        name,
                        NodeFiles.write(Files.createDirectories(files.resolve(name)), name, qualified(name), address));
            }
        }
        made.packets.start();
        return made;
    }

    private static NodeSockets sockets(NamespaceThread thread) {
        return new NodeSockets() {
            @Override
            public DatagramChannel datagram() throws IOException {
                return thread.call(DatagramChannel::open);
            }

            @Override
            public ServerSocketChannel server() throws IOException {
                return thread.call(ServerSocketChannel::open);
            }
        };
    }

    private static Inet4Address address(int host) throws IOException {
        return (Inet4Address) InetAddress.getByName(SUBNET + host);
    }

    private static String qualified(String node) {
        return node + "." + HEADLESS + "." + NAMESPACE + ".svc.cluster.local";
    }

    private static List<String> listen(Network network, List<String> arguments) throws IOException {
        var node = arguments.get(0);
        var purpose = arguments.get(1);
        int port = Integer.parseInt(arguments.get(2));
        var side = NetworkControl.Side.valueOf(arguments.get(3));
        var thread = thread(network, side == NetworkControl.Side.CLIENTS ? NetworkControl.CLIENTS : node);
        var route = node + " " + purpose + " " + side;
        int relayed = network.relay.listen(
                route,
                Integer.parseInt(arguments.get(4)),
                () -> thread.call(SocketChannel::open),
                new InetSocketAddress(network.addresses.get(node), port));
        network.routes.computeIfAbsent(node, any -> new ArrayList<>()).add(route);
        // A port of a node that does not run refuses.
        network.relay.pause(route);
        return List.of(Integer.toString(relayed));
    }

    private static List<String> connects(Network network, List<String> arguments) throws IOException {
        var node = arguments.get(0);
        var host = Boolean.parseBoolean(arguments.get(2))
                ? InetAddress.getByAddress(new byte[] {127, 0, 0, 1})
                : network.addresses.get(node);
        try (var channel = thread(network, node).call(SocketChannel::open)) {
            channel.socket().connect(new InetSocketAddress(host, Integer.parseInt(arguments.get(1))), CONNECT_MILLIS);
            return List.of();
        } catch (IOException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private static List<String> impose(Network network, List<String> arguments) throws IOException {
        for (var text : arguments.subList(1, arguments.size())) {
            var parsed = Wire.impairments(text);
            network.packets.impose(arguments.get(0), parsed.getKey(), parsed.getValue());
        }
        return List.of();
    }

    private List<String> health(Network network, long number) throws IOException {
        var mark = marks.get(number);
        if (mark == null) {
            throw new IOException("there is no mark " + number);
        }
        return Wire.of(network.packets.health(mark));
    }

    private static List<String> ping(Network network, List<String> arguments) throws IOException {
        var bound = Duration.ofNanos(Long.parseLong(arguments.get(5)));
        return Wire.of(answer(
                network.echo.ping(
                        arguments.get(0),
                        arguments.get(1),
                        Integer.parseInt(arguments.get(2)),
                        Duration.ofNanos(Long.parseLong(arguments.get(3))),
                        Integer.parseInt(arguments.get(4)),
                        bound),
                bound));
    }

    private static List<String> train(Network network, List<String> arguments) throws IOException {
        var bound = Duration.ofNanos(Long.parseLong(arguments.get(4)));
        return Wire.of(answer(
                network.echo.train(
                        arguments.get(0),
                        arguments.get(1),
                        Integer.parseInt(arguments.get(2)),
                        Integer.parseInt(arguments.get(3)),
                        bound),
                bound));
    }

    /** @param bound how long a single datagram may take */
    private static <T> T answer(CompletableFuture<T> future, Duration bound) throws IOException {
        var most = ANSWER.plus(bound);
        try {
            return future.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + most.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static List<String> imposeDns(Network network, List<String> arguments) {
        var patterns = arguments.subList(3, arguments.size()).stream()
                .map(DnsPattern::new)
                .toList();
        network.dns.impose(
                arguments.get(0),
                arguments.get(1),
                new DnsFault(
                        DnsFault.Action.valueOf(arguments.get(2)),
                        asked -> patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.matches(asked))));
        return List.of();
    }

    /** Asks as the node's own programs ask: with getent(1), in the node's namespaces. */
    private static List<String> lookUp(Network network, String node, String name) throws IOException {
        var words = new ArrayList<>(network.files.get(node).wrapper());
        words.addAll(List.of("getent", "ahostsv4", name));
        var process = thread(network, node)
                .call(() -> new ProcessBuilder(words).redirectErrorStream(true).start());
        try {
            process.getOutputStream().close();
            var lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(ANSWER.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("getent did not end within " + ANSWER.toSeconds() + " s");
            }
            // 2: the name was not found (getent(1)).
            if (process.exitValue() != 0 && process.exitValue() != 2) {
                throw new IOException("getent ended with status " + process.exitValue() + ": " + lines.strip());
            }
            return lines.lines()
                    .map(line -> line.split("\\s+", 2)[0])
                    .distinct()
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static NamespaceThread thread(Network network, String place) throws IOException {
        var thread = network.threads.get(place);
        if (thread == null) {
            throw new IOException(
                    "there is no '" + place + "' on the nodes' network, only " + network.threads.keySet());
        }
        return thread;
    }

    /** None where the node is on the machine's network. */
    @Override
    public List<String> wrapper(String node) {
        var present = network;
        return present == null ? List.of() : present.files.get(node).wrapper();
    }

    private static long cutPackets(Network network, String node) {
        return network.packets.counters().entrySet().stream()
                .filter(pair -> pair.getKey().source().equals(node)
                        || pair.getKey().destination().equals(node))
                .mapToLong(pair -> pair.getValue().dropped(PairCounters.Drop.CUT))
                .sum();
    }

    private static void join(Network network, String node) {
        synchronized (network.dark) {
            if (network.dark.remove(node)) {
                network.packets.restore(node);
            }
        }
    }

    /** Its links are up, and its ports are relayed. */
    @Override
    public void started(String node, long pid) throws IOException {
        var present = network;
        if (present == null) {
            return;
        }
        join(present, node);
        for (var route : present.routes.getOrDefault(node, List.of())) {
            present.relay.resume(route);
        }
    }

    /**
     * Who connects to its ports is refused, as by a machine on which nothing listens. A machine
     * without power refuses nobody; it does not answer.
     */
    @Override
    public void ended(String node) throws IOException {
        var present = network;
        if (present == null || present.dark.contains(node)) {
            return;
        }
        for (var route : present.routes.getOrDefault(node, List.of())) {
            present.relay.pause(route);
        }
    }

    /** Ends the relay, the switch and the services; the namespaces go with their threads and processes. */
    @Override
    public void close() throws IOException {
        var present = network;
        if (present != null) {
            present.relay.close();
            present.echo.close();
            present.dns.close();
            present.packets.close();
            present.ports.close();
            present.threads.get(NetworkControl.CLIENTS).close();
        }
    }
}
