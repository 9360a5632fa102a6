package io.havoq.workload;

import io.havoq.environment.Credentials;
import io.havoq.environment.MqttEndpoint;
import io.havoq.journal.Journal;
import io.havoq.journal.JournalSettings;
import io.havoq.ledger.Judgement;
import io.havoq.ledger.Ledger;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs the load alone against any broker and prints what the ledger says: exit code 0 when every promise held, 1 when one was
 * broken, 2 when nothing could be shown.
 */
public final class WorkloadMain {
    private static final Duration PROGRESS = Duration.ofSeconds(5);
    private static final Duration DRAIN = Duration.ofSeconds(30);
    private static final String USAGE = """
            Usage: WorkloadMain --endpoints=HOST:PORT[,HOST:PORT...] [--duration=30s] [--drain=30s]
                                [--username=NAME --password=WORD] [--seed=NUMBER] [--state=DIRECTORY] [--SETTING=VALUE ...]
            SETTING is any setting havoq.workload.SETTING, for example --publishers=50 --rate=20; also -Dhavoq.workload.rate=20.
            Sessions that an earlier run left because it was killed are removed first, with this run's credentials, if one of the
            endpoints is the same; what is to be removed is recorded in --state (setting havoq.state).
            Exit code: 0 every promise held, 1 one was broken, 2 nothing could be shown.""";

    private final PrintStream out;

    private WorkloadMain(PrintStream out) {
        this.out = out;
    }

    /** Runs the load; see the class comment for the exit code. */
    public static void main(String[] args) {
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int code;
        try {
            code = run(List.of(args), out);
        } catch (IllegalArgumentException e) {
            out.println(e.getMessage());
            out.println(USAGE);
            code = 2;
        } catch (WorkloadException | UncheckedIOException e) {
            out.println("INCONCLUSIVE: " + e.getMessage());
            code = 2;
        } catch (InterruptedException e) {
            out.println("INCONCLUSIVE: interrupted");
            code = 2;
        }
        System.exit(code);
    }

    static int run(List<String> args, PrintStream out) throws InterruptedException {
        return new WorkloadMain(out).run(List.copyOf(args));
    }

    private int run(List<String> args) throws InterruptedException {
        var options = new TreeMap<String, String>();
        var settings = Settings.fromSystemProperties();
        for (var arg : args) {
            var equals = arg.indexOf('=');
            if (!arg.startsWith("--") || equals < 0) {
                throw new IllegalArgumentException("'" + arg + "' is not an option: expected --NAME=VALUE");
            }
            var name = arg.substring(2, equals);
            var value = arg.substring(equals + 1);
            var setting = WorkloadSettings.all().stream()
                    .filter(candidate -> candidate.key().equals("havoq.workload." + name))
                    .findFirst();
            if (setting.isPresent()) {
                settings = settings.with(setting.get(), value);
            } else if (name.equals("state")) {
                settings = settings.with(JournalSettings.STATE, value);
            } else if (List.of("endpoints", "duration", "drain", "username", "password", "seed")
                    .contains(name)) {
                options.put(name, value);
            } else {
                throw new IllegalArgumentException("option --" + name + " is unknown");
            }
        }
        var endpoints = endpoints(options.getOrDefault("endpoints", ""));
        var credentials = Optional.ofNullable(options.get("username"))
                .map(username -> new Credentials(username, options.getOrDefault("password", "")));
        var duration = GoDuration.parse(options.getOrDefault("duration", "30s"));
        var drain = GoDuration.parse(options.getOrDefault("drain", GoDuration.format(DRAIN)));
        var runId = new SecureRandom().nextLong();
        var seed = options.containsKey("seed") ? Long.parseLong(options.get("seed")) : runId;
        var name = Long.toHexString(runId);
        var plan = WorkloadPlan.from(settings, "havoq/" + name + "/load", "havoq-" + name, seed);
        var ledger = new Ledger(runId, plan.payloadBytes());
        var driver = new LoadDriver(plan, endpoints, credentials, ledger);
        var journal = journal(JournalSettings.stateDirectory(settings), plan, endpoints, credentials);
        journal.record(RecordedSessions.undo(plan, endpoints));
        return load(plan, driver, ledger, journal, duration, drain);
    }

    /** Removes what killed runs left, and opens the journal for what this one would leave. */
    private Journal journal(
            Path state, WorkloadPlan plan, List<MqttEndpoint> endpoints, Optional<Credentials> credentials) {
        try {
            var swept = Journal.sweep(state, RecordedSessions.removal(endpoints, credentials, plan.closeTimeout()));
            swept.undone().forEach(done -> out.println("left by an earlier run: " + done));
            swept.problems().forEach(problem -> out.println("warning: " + problem));
            return Journal.open(state);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "what this run would have to remove if it were killed cannot be recorded in " + state + ": "
                            + e.getMessage() + "; name a writable directory with --state=DIRECTORY",
                    e);
        }
    }

    static List<MqttEndpoint> endpoints(String text) {
        var endpoints = new ArrayList<MqttEndpoint>();
        for (var part : text.split(",", -1)) {
            var colon = part.lastIndexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException(
                        "--endpoints: '" + part + "' is not an endpoint: expected HOST:PORT");
            }
            try {
                var port = Integer.parseInt(part.substring(colon + 1).strip());
                endpoints.add(
                        new MqttEndpoint(part.strip(), part.substring(0, colon).strip(), port));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "--endpoints: '" + part + "' has no port number: expected HOST:PORT", e);
            }
        }
        return endpoints;
    }

    private int load(
            WorkloadPlan plan, LoadDriver driver, Ledger ledger, Journal journal, Duration duration, Duration drain)
            throws InterruptedException {
        var ended = new CountDownLatch(1);
        // Ctrl-C removes the sessions, too.
        var hook = new Thread(
                () -> {
                    end(driver, journal);
                    ended.countDown();
                },
                "havoq-load-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try (driver) {
            out.println("load: " + plan + "; seed " + plan.seed() + "; topics " + plan.topicPrefix() + "/#");
            driver.start();
            out.println("connected: " + (plan.publishers() + plan.subscribers()) + " clients in "
                    + seconds(driver.connectTime()));
            var start = RunClock.now();
            progress(driver, ledger, start, duration);
            var drained = driver.drain(drain);
            out.println(
                    drained.settled()
                            ? "drained: everything settled after " + seconds(drained.took())
                            : "drained: not settled after " + seconds(drained.took()) + ": " + drained.outstanding()
                                    + " messages without an outcome, " + drained.missing() + " deliveries missing");
            return verdict(driver, ledger, start);
        } finally {
            end(driver, journal);
            driver.remainingSessions().stream()
                    .limit(10)
                    .forEach(session -> out.println("session not removed, the next run tries again, expires in "
                            + GoDuration.format(plan.sessionExpiry()) + ": " + session));
            if (ended.getCount() > 0) {
                removeHook(hook);
            }
        }
    }

    /** Removes the sessions, and ends the journal, which stays only if some are left; may be called again. */
    private void end(LoadDriver driver, Journal journal) {
        driver.close();
        try {
            if (driver.remainingSessions().isEmpty()) {
                journal.clear(RecordedSessions.ID);
            }
            journal.close();
        } catch (IOException | UncheckedIOException e) {
            out.println("warning: the next run will try to remove sessions that are gone: " + e.getMessage());
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is already going down; the hook does the same as this method's caller did.
            return;
        }
    }

    private void progress(LoadDriver driver, Ledger ledger, long start, Duration duration) throws InterruptedException {
        var never = new CountDownLatch(1);
        var end = start + duration.toNanos();
        for (var next = start + PROGRESS.toNanos(); RunClock.now() < end; next += PROGRESS.toNanos()) {
            var wait = Math.min(next, end) - RunClock.now();
            var unused = never.await(Math.max(0, wait), TimeUnit.NANOSECONDS);
            var now = RunClock.now();
            var progress = driver.progress();
            var reconnects = driver.reconnects(start);
            out.println(String.format(
                    Locale.ROOT,
                    "%6.1f s  sent %d  acknowledged %d  refused %d  unknown %d  delivered %d  missing %d  reconnects %d"
                            + "  disconnected %d",
                    (now - start) / 1e9,
                    progress.sent(),
                    progress.acknowledged(),
                    progress.refused(),
                    progress.unknown(),
                    progress.delivered(),
                    ledger.missing(),
                    reconnects.reconnects(),
                    reconnects.disconnected()));
        }
    }

    private int verdict(LoadDriver driver, Ledger ledger, long start) {
        var judgement = ledger.judge();
        print(judgement);
        var pacing = driver.pacing();
        out.println("pacing: " + pacing.intended() + " intended, " + pacing.sent() + " sent, " + pacing.withheld()
                + " withheld; pacer late by P99 " + millis(pacing.lagP99()) + ", max " + millis(pacing.lagMax()));
        var deliveries = ledger.deliveries(start, RunClock.now());
        out.println("deliveries: " + deliveries);
        var reconnects = driver.reconnects(start);
        out.println("reconnects: " + reconnects.reconnects() + ", client's delay median " + millis(reconnects.median())
                + ", max " + millis(reconnects.max()));
        memory().ifPresent(peak -> out.println("memory of this process: " + peak));
        driver.warnings().forEach(warning -> out.println("warning: " + warning));
        if (!judgement.violations().isEmpty()) {
            out.println("VIOLATED: "
                    + judgement.violations().stream()
                            .map(violation -> violation.invariant() + " x " + violation.count())
                            .toList());
            return 1;
        }
        if (driver.progress().acknowledgedAboveQos0() == 0 && ledger.due() == 0) {
            out.println("INCONCLUSIVE: no QoS 1 or 2 message was acknowledged, so that nothing was promised");
            return 2;
        }
        if (ledger.due() == 0) {
            out.println("INCONCLUSIVE: nothing was due at any subscriber, so that nothing could be lost");
            return 2;
        }
        out.println("HELD: every promise, " + ledger.due() + " deliveries due at QoS 1 and 2");
        return 0;
    }

    private void print(Judgement judgement) {
        new TreeMap<>(judgement.byQos()).forEach((qos, counts) -> out.println("QoS " + qos + ": " + counts));
        judgement.violations().forEach(violation -> {
            out.println(violation.invariant() + ": " + violation.count());
            violation.first().forEach(line -> out.println("    " + line));
        });
        judgement.warnings().forEach(warning -> out.println("warning: " + warning));
    }

    /** The peak of the resident set, where the kernel tells it (proc(5)). */
    private static Optional<String> memory() {
        var status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return Optional.empty();
        }
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> "peak RSS " + line.substring(6).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.of("unknown, /proc/self/status: " + e.getMessage());
        }
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toNanos() / 1e9);
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / 1e6);
    }
}
