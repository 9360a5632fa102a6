package io.havoq.fault.local.sandbox;

import io.havoq.fault.local.clock.ClockService;
import io.havoq.fault.local.network.NetworkService;
import io.havoq.fault.local.service.NamespaceThread;
import io.havoq.fault.local.service.Service;
import io.havoq.fault.local.stress.StressService;
import io.havoq.fault.local.syscall.SyscallService;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The sandbox: the process that the nodes are children of. It takes commands on its standard input, tells events on its
 * standard output, and ends with everything in it when its input ends. Started by {@link Sandbox} only.
 *
 * <p>Arguments: {@code namespaces} or {@code plain}, the directory for the nodes' data, its bound in MiB, the bound of a
 * node's log in KiB, and the words that every node's command line is prefixed with.
 */
public final class SandboxMain {
    private static final Duration END = Duration.ofSeconds(2);

    private final boolean namespaces;
    private final Path data;
    private final int dataMebibytes;
    private final long maxLogBytes;
    private final List<String> wrapper;
    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final Map<String, NamespaceThread> launchers = new ConcurrentHashMap<>();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    /** In the order in which they wrap a node's command line, outermost first. */
    private final List<Service> services;

    /** Calls may wait for datagrams; commands may not wait for them. */
    private final ExecutorService callers = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "call");
        thread.setDaemon(true);
        return thread;
    });

    /** What changes something, in the order in which it was asked for. */
    private final ExecutorService changes = Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "changes");
        thread.setDaemon(true);
        return thread;
    });

    /** One thread on the machine's own network, which keeps what it is told in order. */
    private final ExecutorService outside = Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "events");
        thread.setDaemon(true);
        return thread;
    });

    private SandboxMain(List<String> arguments) {
        namespaces = arguments.get(0).equals("namespaces");
        data = Path.of(arguments.get(1));
        dataMebibytes = Integer.parseInt(arguments.get(2));
        maxLogBytes = Long.parseLong(arguments.get(3)) * 1024;
        wrapper = List.copyOf(arguments.subList(4, arguments.size()));
        // Now, since it takes over the namespaces of whoever gives it its first task.
        outside.execute(() -> {});
        // The mounts first. The groups before the launcher, so that it uses what the node may use; the launcher last,
        // so
        // that its filter has no calls but the node's.
        services = List.of(
                new NetworkService(this::launcher, data.resolve("etc")),
                new StressService(this::launcher, wrapper),
                new SyscallService(this::launcher, data.resolve("syscalls")),
                new ClockService());
    }

    /** Runs until standard input ends. */
    public static void main(String[] arguments) throws InterruptedException {
        var sandbox = new SandboxMain(Arrays.asList(arguments));
        try {
            sandbox.prepare();
            sandbox.tell(new Event.Ready());
            sandbox.serve();
        } catch (IOException | RuntimeException e) {
            sandbox.tell(new Event.Failed(String.valueOf(e.getMessage())));
        }
        sandbox.end();
        Runtime.getRuntime().halt(0);
    }

    private void prepare() throws IOException, InterruptedException {
        if (!namespaces) {
            Files.createDirectories(data);
            return;
        }
        // In memory and bounded: gone with the mount namespace, whatever ends it.
        var mount = new ProcessBuilder(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "nosuid,nodev,mode=0755,size=" + dataMebibytes + "m",
                        "havoq",
                        data.toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (mount.waitFor() != 0) {
            throw new IOException(
                    "cannot mount a tmpfs of " + dataMebibytes + " MiB on " + data + ": " + output.strip());
        }
    }

    private void serve() throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            var command = Command.parse(line);
            if (command instanceof Command.Start start) {
                nodes.computeIfAbsent(start.node(), this::node).start(start);
            } else if (command instanceof Command.Call call) {
                (waits(call) ? callers : changes).execute(() -> tell(answer(call)));
            } else if (command instanceof Command.Stop stop) {
                var node = nodes.get(stop.node());
                if (node != null) {
                    node.stop(stop.run(), stop.grace());
                }
            }
        }
    }

    private boolean waits(Command.Call call) {
        return services.stream().anyMatch(service -> service.waits(call.verb()));
    }

    private NamespaceThread launcher(String node) {
        return launchers.computeIfAbsent(node, name -> new NamespaceThread("launcher-" + name));
    }

    private Node node(String name) {
        return new Node(name, () -> wrapped(name), maxLogBytes, launcher(name), this::happened);
    }

    private List<String> wrapped(String name) {
        var words = new ArrayList<String>();
        services.forEach(service -> words.addAll(service.wrapper(name)));
        words.addAll(wrapper);
        return words;
    }

    private Event answer(Command.Call call) {
        try {
            var name = call.verb().substring(0, Math.max(0, call.verb().indexOf('.')));
            for (var service : services) {
                if (service.names().contains(name)) {
                    return new Event.Answer(call.number(), true, service.call(call.verb(), call.arguments()));
                }
            }
            throw new IOException("the sandbox has no service '" + name + "'");
        } catch (IOException e) {
            return new Event.Answer(call.number(), false, List.of(String.valueOf(e.getMessage())));
        } catch (RuntimeException | LinkageError e) {
            // Without JNA's library, for instance: whoever asked waits for an answer.
            return new Event.Answer(call.number(), false, List.of(e.toString()));
        }
    }

    /**
     * Lets the services know of a node's start and end before the test JVM hears of it. A thread has the network namespace of
     * the one that started it: what comes from a node's thread must not open sockets there.
     */
    private void happened(Event event) {
        outside.execute(() -> tellServicesFirst(event));
    }

    private void tellServicesFirst(Event event) {
        try {
            for (var service : services) {
                if (event instanceof Event.Started started) {
                    service.started(started.node(), started.pid());
                } else if (event instanceof Event.Exited exited) {
                    service.ended(exited.node());
                }
            }
        } catch (IOException e) {
            tell(new Event.Notice("sandbox", String.valueOf(e.getMessage())));
        }
        tell(event);
    }

    private void tell(Event event) {
        out.println(event.line());
    }

    private void end() throws InterruptedException {
        for (var service : services) {
            try {
                service.close();
            } catch (IOException e) {
                System.err.println(service.names() + " cannot be closed, it ends with this process: " + e);
            }
        }
        // In namespaces the kernel ends all that is in them together with this process.
        if (namespaces) {
            return;
        }
        var deadline = System.nanoTime() + END.toNanos();
        for (var node : nodes.values()) {
            node.end(deadline);
        }
        try (var files = Files.walk(data)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("cannot remove " + data + ", the next run will: " + e);
        }
    }
}
