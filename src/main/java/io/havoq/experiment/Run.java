package io.havoq.experiment;

import io.havoq.InconclusiveException;
import io.havoq.environment.Environment;
import io.havoq.environment.Role;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.ManifestRewriter;
import io.havoq.report.AllureReporter;
import io.havoq.report.Console;
import io.havoq.report.ExperimentResult;
import io.havoq.report.RunResult;
import io.havoq.report.SummaryWriter;
import io.havoq.settings.Seed;
import io.havoq.settings.Settings;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the experiments of one run share: the cluster, the seed, the journal, the results. Made without starting
 * anything, so that whoever holds it can close it whatever happens; the cluster starts with the first experiment.
 * Thread-safe.
 */
public final class Run implements AutoCloseable {
    private static final int LOG_LINES = 200;

    private final Settings settings;
    private final Environment environment;
    private final long seed;
    private final long startedAt = RunClock.now();
    private final Console console = Console.onSystemOut();
    private final SummaryWriter summary;
    private final ResultBook book;
    private final AllureReporter allure = AllureReporter.ofThisProcess();
    private final Map<String, ExperimentLife> lives = new ConcurrentHashMap<>();
    /** The last is the one after which the cluster was not seen to be as before. */
    private volatile List<ExperimentLife> unsettled = List.of();

    private volatile boolean rolesTold;
    private volatile @Nullable String ended;
    private volatile @Nullable UncheckedIOException unwritten;

    private Run(Settings given) {
        seed = Seed.of(given);
        settings = given.with(Seed.SETTING, Long.toString(seed));
        summary = SummaryWriter.of(settings);
        environment = Environments.of(settings, summary.directory(), line -> console.say("cluster", line));
        book = ResultBook.of(summary.directory());
    }

    /**
     * A run with these settings.
     *
     * @throws IllegalArgumentException if a setting cannot be read
     */
    public static Run of(Settings settings) {
        SettingsCatalogue.refuseUnknown(System.getProperties().stringPropertyNames());
        return new Run(settings);
    }

    /** A new experiment, registered under its test's identity until it is concluded. */
    public ExperimentLife experiment(ExperimentDefinition definition) {
        var life = new ExperimentLife(definition, book.idFor(definition.label()), this);
        lives.put(definition.invocation(), life);
        return life;
    }

    /** The experiment of a test that has not been concluded. */
    public Optional<ExperimentLife> life(String invocation) {
        return Optional.ofNullable(lives.get(invocation));
    }

    /** Writes the result of a test that JUnit has seen the end of; does nothing for a test that is no experiment. */
    public void conclude(String invocation, Optional<Throwable> seenByJunit) {
        var life = lives.remove(invocation);
        if (life == null) {
            return;
        }
        var result = life.result(seenByJunit);
        book.add(invocation, result);
        console.verdict(result.id(), result);
        // JUnit only logs what its watchers throw: each step stands for itself, and what goes wrong is kept.
        write();
        if (life.touchedTheCluster()) {
            environment.endExperiment(result.id());
        }
        try {
            allure.report(result, logs(result, life), List.of());
        } finally {
            if (life.touchedTheCluster()) {
                leave(life);
            }
        }
    }

    /** Writes all results so far; that they could not be written is told when the run is closed, unless a later time they could. */
    private void write() {
        // A file channel closes under a thread that was interrupted.
        var interrupted = Thread.interrupted();
        try {
            summary.write(new RunResult(
                    environment.name(),
                    environment.broker(),
                    environment.description(),
                    seed,
                    RunClock.instant(startedAt),
                    RunClock.between(startedAt, RunClock.now()).toMillis(),
                    book.results()));
            unwritten = null;
        } catch (IOException e) {
            unwritten = new UncheckedIOException(cannotWrite(e), e);
            console.say("results", cannotWrite(e));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private String cannotWrite(IOException e) {
        return "the results cannot be written to " + summary.directory().toAbsolutePath() + ": " + e;
    }

    private Map<String, List<String>> logs(ExperimentResult result, ExperimentLife life) {
        var logs = new TreeMap<String, List<String>>();
        if (result.phases().stream().anyMatch(phase -> phase.name().equals("cluster ready"))) {
            life.nodes().forEach(node -> logs.put(node, environment.logTail(node, LOG_LINES)));
        }
        return logs;
    }

    /** Makes sure that the next experiment finds a cluster that is whole, or finds out whether it is. */
    private void leave(ExperimentLife life) {
        if (environment.rebuilds()) {
            if (!life.clusterIsWhole()) {
                rebuild(life.id());
            }
        } else if (!life.clusterIsWhole() || life.leftSomething()) {
            // Those before it stay: it may have ended before it asked whether anything of them is left.
            unsettled = Stream.concat(unsettled.stream(), Stream.of(life)).toList();
            if (ended == null) {
                console.say(
                        life.id(),
                        "the cluster was not seen to be as before, and nobody rebuilds it here: the next experiment begins"
                                + " only once it is steady");
            }
        }
    }

    private void rebuild(String after) {
        console.say(after, "the cluster did not recover and is rebuilt");
        try {
            if (!environment.rebuild()) {
                ended = "the cluster did not recover from " + after + ", and was not rebuilt: the run has ended";
            }
        } catch (RuntimeException e) {
            ended = "the cluster did not recover from " + after + ", and could not be rebuilt: " + e.getMessage();
            console.say(after, "the cluster could not be rebuilt: " + e.getMessage());
        }
    }

    /** The nodes' roles now. */
    Map<String, Role> roles() {
        var roles = environment.roles();
        if (roles.values().stream().anyMatch(role -> role != Role.UNKNOWN)) {
            rolesTold = true;
        }
        return roles;
    }

    /** Whether some node told its role in this run: a broker that has roles does not lose them. */
    boolean rolesTold() {
        return rolesTold;
    }

    /** The experiments after which the cluster was not seen to be as before, and has not been seen steady since. */
    List<ExperimentLife> unsettled() {
        return unsettled;
    }

    /** The cluster was seen steady, under load. */
    void steady() {
        unsettled = List.of();
    }

    /** The cluster did not become steady in its time. One that has not been seen steady since an experiment is not waited for again. */
    void notSteady(Throwable why) {
        var former = unsettled;
        if (!former.isEmpty()) {
            ended = "the cluster was not steady again after "
                    + former.get(former.size() - 1).id()
                    + ", and this environment cannot rebuild it," + " so that the run has ended: " + why.getMessage();
        }
    }

    /** Why an experiment must not begin, if it must not. */
    Optional<String> refusal(ExperimentDefinition definition) {
        if (book.hasNotPassedBefore(definition.invocation())) {
            return Optional.of(
                    "a rerun is refused: this experiment has been run before and did not pass, and a second try"
                            + " cannot make up for it (remove rerunFailingTestsCount)");
        }
        try {
            summary.prepare();
        } catch (IOException e) {
            return Optional.of(cannotWrite(e));
        }
        return Optional.ofNullable(ended);
    }

    Instruments instruments(String id, Findings findings, boolean bursts) {
        return environment instanceof Instruments.Source source
                ? source.instruments(id, findings)
                : new LiveInstruments(id, environment, settings, seed, findings, bursts);
    }

    ManifestDocument rewritten(ManifestDocument document) {
        return new ManifestRewriter(settings).rewrite(document);
    }

    boolean unsupportedFails() {
        return switch (settings.get(ExperimentSettings.UNSUPPORTED)) {
            case "fail" -> true;
            case "abort" -> false;
            case "" -> System.getenv("CI") != null;
            default ->
                throw new InconclusiveException("setting havoq.unsupported: '"
                        + settings.get(ExperimentSettings.UNSUPPORTED) + "' is unknown: expected abort or fail");
        };
    }

    Settings settings() {
        return settings;
    }

    Environment environment() {
        return environment;
    }

    long seed() {
        return seed;
    }

    Console console() {
        return console;
    }

    /** Where the results are. */
    Path results() {
        return summary.directory();
    }

    /** Throws if results could not be written, after everything is closed. */
    @Override
    public void close() {
        environment.close();
        var problem = unwritten;
        if (problem != null) {
            throw problem;
        }
    }
}
