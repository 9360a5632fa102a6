package io.havoq.fault.local.sandbox;

import com.sun.jna.Native;
import io.havoq.environment.OwnJvm;
import io.havoq.journal.ProcessEnd;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The sandbox as the test JVM holds it: one process, in whatever isolation there is, that starts and ends the nodes and dies
 * with this JVM. Thread-safe; events come on one thread, in order.
 */
public final class Sandbox implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);
    private static final Duration ORDERLY_END = Duration.ofSeconds(3);
    private static final Duration END = Duration.ofSeconds(5);
    private static final Duration CALL = Duration.ofSeconds(20);
    private static final int KEPT_LINES = 30;

    /**
     * What a sandbox is made of.
     *
     * @param data where the nodes' data directories are; an existing directory that a tmpfs is mounted over, or in plain
     *     isolation a directory to be made and removed
     * @param dataMebibytes bound of that tmpfs
     * @param logKibibytes bound of each node's log
     * @param owner value of the variable {@code HAVOQ_OWNER} of every process, unique in the world
     */
    public record Options(Isolation isolation, Path data, int dataMebibytes, int logKibibytes, String owner) {}

    private final Process process;
    private final Consumer<Event> listener;
    private final BufferedWriter commands;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final Deque<String> errors = new ArrayDeque<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Map<Long, CompletableFuture<List<String>>> calls = new ConcurrentHashMap<>();
    private final AtomicLong lastCall = new AtomicLong();
    private volatile String over = "";

    private Sandbox(Process process, Consumer<Event> listener) {
        this.process = process;
        this.listener = listener;
        this.commands = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts a sandbox and returns when it takes commands.
     *
     * @throws IOException saying what went wrong; nothing is left behind then
     */
    public static Sandbox start(Options options, Consumer<Event> listener) throws IOException {
        var builder = new ProcessBuilder(words(options));
        var environment = builder.environment();
        environment.put("HAVOQ_OWNER", options.owner());
        // Options meant for the test JVM (debuggers, agents, memory) are not for this one.
        List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS").forEach(environment::remove);
        var started = new CompletableFuture<Process>();
        // The death signal is sent when the thread that started the process ends (prctl(2)): this one outlives it.
        var owner = new Thread(
                () -> {
                    try {
                        var process = builder.start();
                        started.complete(process);
                        process.waitFor();
                    } catch (IOException e) {
                        started.completeExceptionally(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "havoq-sandbox-owner");
        owner.setDaemon(true);
        owner.start();
        Process process;
        try {
            process = started.get();
        } catch (ExecutionException e) {
            throw new IOException(
                    "the sandbox cannot be started: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var unused = started.thenAccept(Process::destroyForcibly);
            throw new IOException("interrupted while the sandbox was started", e);
        }
        var sandbox = new Sandbox(process, listener);
        sandbox.readAll();
        sandbox.awaitReady();
        return sandbox;
    }

    private static List<String> words(Options options) throws IOException {
        var words = new ArrayList<String>();
        var wrapper = new ArrayList<String>();
        if (options.isolation() instanceof Isolation.Namespaces namespaces) {
            // In a session of its own, so that Ctrl-C on the terminal reaches the test JVM alone, which ends it in
            // order.
            words.addAll(List.of("setpriv", "--pdeathsig", "KILL", "setsid", "unshare"));
            if (namespaces.userNamespace()) {
                words.addAll(List.of("--user", "--map-root-user"));
                if (namespaces.ordinaryUser()) {
                    wrapper.addAll(List.of("unshare", "--user", "--map-user=" + id("uid"), "--map-group=" + id("gid")));
                }
            }
            words.addAll(List.of("--mount", "--pid", "--fork", "--kill-child", "--mount-proc"));
            // The shell is process 1 and reaps orphans, which a JVM would not.
            words.addAll(List.of("sh", "-c", "\"$@\"; exit $?", "sandbox"));
            wrapper.addAll(List.of("setpriv", "--pdeathsig", "KILL", "setsid"));
        } else if (options.isolation() instanceof Isolation.Plain plain) {
            // No death signal for the sandbox itself: when its input ends it takes the nodes' own children along.
            if (plain.sessions()) {
                words.add("setsid");
            }
            if (plain.deathSignal()) {
                wrapper.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
            }
            if (plain.sessions()) {
                wrapper.add("setsid");
            }
        }
        words.addAll(OwnJvm.words());
        words.addAll(List.of(
                "-Xms16m",
                // A quarter of it may be packets that are held.
                "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError",
                // Its standard output is for events only; by default the JVM writes its warnings there.
                "-XX:+DisplayVMOutputToStderr",
                "-Xlog:disable",
                "-Xlog:all=warning:stderr",
                "-Djava.net.preferIPv4Stack=true",
                // Where JNA unpacks its library: gone with the sandbox.
                "-Djna.tmpdir=" + options.data(),
                "-cp",
                classPath(),
                SandboxMain.class.getName()));
        words.add(options.isolation() instanceof Isolation.Namespaces ? "namespaces" : "plain");
        words.add(options.data().toString());
        words.add(Integer.toString(options.dataMebibytes()));
        words.add(Integer.toString(options.logKibibytes()));
        words.addAll(wrapper);
        return words;
    }

    /** Havoq's own classes and what they need in the sandbox. */
    private static String classPath() throws IOException {
        return location(SandboxMain.class) + File.pathSeparator + location(Native.class);
    }

    private static String location(Class<?> type) throws IOException {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IOException(
                    "the classes of " + type.getPackageName() + " are not in a directory or jar on this machine", e);
        }
    }

    private static int id(String attribute) throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:" + attribute);
    }

    private void readAll() {
        var errorReader = new Thread(this::readErrors, "havoq-sandbox-errors");
        errorReader.setDaemon(true);
        errorReader.start();
        var eventReader = new Thread(() -> readEvents(errorReader), "havoq-sandbox-events");
        eventReader.setDaemon(true);
        eventReader.start();
    }

    private void readEvents(Thread errorReader) {
        var ended = "";
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var event = Event.parse(line);
                if (event instanceof Event.Ready) {
                    ready.complete(true);
                } else if (event instanceof Event.Failed failed) {
                    ready.completeExceptionally(new IOException(failed.message()));
                } else if (event instanceof Event.Answer answer) {
                    answered(answer);
                } else {
                    listener.accept(event);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            ended = e + "; ";
            // Nobody hears it any more: better no sandbox than one that does not answer.
            process.destroyForcibly();
        }
        try {
            int status = process.waitFor();
            errorReader.join(1_000);
            ended += "the sandbox ended with status " + status + lastErrors();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ready.completeExceptionally(new IOException(ended));
        over = ended;
        for (var number : List.copyOf(calls.keySet())) {
            answered(new Event.Answer(number, false, List.of(ended)));
        }
        if (!closing.get()) {
            listener.accept(new Event.Ended(ended));
        }
    }

    private void answered(Event.Answer answer) {
        var waiting = calls.remove(answer.number());
        if (waiting == null) {
            return; // nobody waits any more
        }
        if (answer.succeeded()) {
            waiting.complete(answer.values());
        } else {
            waiting.completeExceptionally(new IOException(String.join("; ", answer.values())));
        }
    }

    private void readErrors() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (errors) {
                    if (errors.size() == KEPT_LINES) {
                        errors.removeFirst();
                    }
                    errors.addLast(line);
                }
            }
        } catch (IOException e) {
            // Closed under the reader when the process ends: what was read is what there is.
            synchronized (errors) {
                errors.addLast("(" + e.getMessage() + ")");
            }
        }
    }

    private String lastErrors() {
        synchronized (errors) {
            return errors.isEmpty() ? "" : ": " + String.join(System.lineSeparator(), errors);
        }
    }

    private void awaitReady() throws IOException {
        try {
            ready.get(START.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            close();
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            close();
            throw new IOException("the sandbox was not set up within " + START.toSeconds() + " s" + lastErrors(), e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the sandbox was started", e);
        }
    }

    /** Sends a command; its result comes as an event. */
    public void send(Command command) throws IOException {
        synchronized (commands) {
            commands.write(command.line());
            commands.write('\n');
            commands.flush();
        }
    }

    /**
     * Asks one of the sandbox's services for something, and waits for its answer.
     *
     * @throws IOException with the service's own words if it could not be had, or if there was no answer within the bound
     */
    public List<String> call(String verb, List<String> arguments) throws IOException {
        long number = lastCall.incrementAndGet();
        var answer = new CompletableFuture<List<String>>();
        calls.put(number, answer);
        try {
            if (!over.isEmpty()) {
                throw new IOException(over);
            }
            send(new Command.Call(number, verb, arguments));
            return answer.get(CALL.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the sandbox did not answer '" + verb + "' within " + CALL.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the sandbox was asked for '" + verb + "'", e);
        } finally {
            calls.remove(number);
        }
    }

    /** The pid by which this machine knows a process that the sandbox told of; empty if it is gone. */
    public OptionalLong pidOnHost(long pidInSandbox) {
        try (var descendants = process.toHandle().descendants()) {
            return descendants
                    .mapToLong(ProcessHandle::pid)
                    .filter(pid -> innermostPid(pid) == pidInSandbox)
                    .findFirst();
        }
    }

    /** The pid as seen in the innermost pid namespace of the process: the last number of NSpid in proc(5) status. */
    private static long innermostPid(long pid) {
        try {
            for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("NSpid:")) {
                    return Long.parseLong(line.substring(line.lastIndexOf('\t') + 1));
                }
            }
            return pid;
        } catch (IOException e) {
            return Files.isDirectory(Path.of("/proc/self")) ? -1 : pid; // it ended meanwhile; or there is no /proc
        }
    }

    /** Ends the sandbox with everything in it, and waits for that, up to a bound. Idempotent. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        // Waited for even when the caller was interrupted: nothing may be left behind.
        var interrupted = Thread.interrupted();
        try {
            var inside = process.toHandle().descendants().toList();
            try {
                commands.close();
            } catch (IOException e) {
                // It is gone already, or does not read: the next step ends it.
                process.destroyForcibly();
            }
            if (!await(process.toHandle(), ORDERLY_END)) {
                process.destroyForcibly();
            }
            await(process.toHandle(), END);
            for (var handle : inside) {
                if (!await(handle, END)) {
                    handle.destroyForcibly();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean await(ProcessHandle handle, Duration bound) {
        try {
            return ProcessEnd.await(handle, bound);
        } catch (InterruptedException e) {
            return !handle.isAlive();
        }
    }
}
