package io.havoq.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.havoq.experiment.ScriptedEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.EventType;

/** One execution of a fixture class by JUnit on the scripted environment, and what came of it. */
record ExtensionRun(String results, String said, List<Event> events, List<Event> containers) {
    private static final List<String> RUN_INTO_THE_BOUND =
            List.of("no-effect", "engine-word-only", "never-gone", "node-not-back", "nobody-can-tell");

    private static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

    enum Seen {
        SUCCESSFUL,
        ABORTED,
        FAILED
    }

    static ExtensionRun of(Class<?> fixture, String... plot) {
        return execute(newResults(), fixture, Map.of(), plot);
    }

    static ExtensionRun withSetting(Class<?> fixture, String key, String value, String... plot) {
        return execute(newResults(), fixture, Map.of(key, value), plot);
    }

    static ExtensionRun withSettings(Class<?> fixture, Map<String, String> settings, String... plot) {
        return execute(newResults(), fixture, settings, plot);
    }

    static ExtensionRun into(String results, Class<?> fixture, String... plot) {
        return execute(results, fixture, Map.of(), plot);
    }

    /** Makes the results of the run under way on this thread impossible to write from now on. */
    static void replaceResultsByAFile() throws IOException {
        var results = Path.of(CURRENT.get());
        if (Files.isDirectory(results)) {
            try (var files = Files.walk(results)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(results.getParent());
        Files.writeString(results, "in the way");
    }

    /** The same fixture again in the same JVM with the same results, as a build tool's rerun does it. */
    ExtensionRun again(Class<?> fixture, String... plot) {
        return execute(results, fixture, Map.of(), plot);
    }

    /** An entry in the diary of the run under way on this thread. */
    static void note(String entry) {
        ScriptedEnvironment.diary(CURRENT.get()).add(entry);
    }

    private static String newResults() {
        return Path.of("target", "extension-runs", UUID.randomUUID().toString()).toString();
    }

    private static ExtensionRun execute(
            String results, Class<?> fixture, Map<String, String> settings, String... plot) {
        CURRENT.set(results);
        // A system property wins over a configuration parameter, and the build sets this one.
        var outer = System.clearProperty("havoq.results");
        var console = System.out;
        var said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            var executed = EngineTestKit.engine("junit-jupiter")
                    .selectors(selectClass(fixture))
                    .configurationParameter("havoq.environment", "scripted")
                    .configurationParameter("havoq.unsupported", "abort")
                    .configurationParameter("havoq.results", results)
                    .configurationParameter("havoq.experiment.effect-bound", effectBound(plot))
                    .configurationParameter("havoq.local.max-duration", "20ms")
                    .configurationParameter("havoq.scripted.plot", String.join(",", plot))
                    .configurationParameters(settings)
                    .execute();
            return new ExtensionRun(
                    results,
                    said.toString(StandardCharsets.UTF_8),
                    executed.testEvents().list(),
                    executed.containerEvents().list());
        } finally {
            System.setOut(console);
            CURRENT.remove();
            if (outer != null) {
                System.setProperty("havoq.results", outer);
            }
        }
    }

    /** Only what runs until the bound wants a short one; everything else must not depend on how busy the machine is. */
    private static String effectBound(String... plot) {
        return Collections.disjoint(Arrays.asList(plot), RUN_INTO_THE_BOUND) ? "10s" : "100ms";
    }

    List<String> diary() {
        return List.copyOf(ScriptedEnvironment.diary(results));
    }

    String summary() {
        try {
            return Files.readString(Path.of(results, "summary.json"));
        } catch (IOException e) {
            var failure = new UncheckedIOException("the run left no summary; JUnit saw " + events, e);
            events.forEach(event -> event.getPayload(TestExecutionResult.class)
                    .flatMap(TestExecutionResult::getThrowable)
                    .ifPresent(failure::addSuppressed));
            throw failure;
        }
    }

    /** {@code id=verdict} of every experiment in the summary. */
    List<String> verdicts() {
        try {
            var verdicts = new ArrayList<String>();
            StreamSupport.stream(
                            new ObjectMapper()
                                    .readTree(summary())
                                    .path("experiments")
                                    .spliterator(),
                            false)
                    .forEach(experiment -> verdicts.add(experiment.path("id").asText() + "="
                            + experiment.path("verdict").asText()));
            return verdicts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Seen seen(String test) {
        return Seen.valueOf(result(test).getStatus().name());
    }

    /** The only experiment of the run in {@code summary.json}. */
    JsonNode experiment() {
        try {
            var experiments = new ObjectMapper().readTree(summary()).path("experiments");
            if (experiments.size() != 1) {
                throw new IllegalStateException("expected one experiment, got " + verdicts());
            }
            return experiments.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the engine itself reported, outside of every test. */
    Throwable engineFailure() {
        return containers.stream()
                .flatMap(event -> event.getPayload(TestExecutionResult.class).stream())
                .flatMap(result -> result.getThrowable().stream())
                .findFirst()
                .orElseThrow();
    }

    Throwable thrown(String test) {
        return result(test).getThrowable().orElseThrow();
    }

    private TestExecutionResult result(String test) {
        return Stream.concat(events.stream(), containers.stream())
                .filter(event -> event.getType() == EventType.FINISHED)
                .filter(event -> event.getTestDescriptor().getDisplayName().equals(test))
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .findFirst()
                .orElseThrow();
    }
}
