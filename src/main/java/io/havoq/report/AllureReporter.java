package io.havoq.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.havoq.Verdict;
import io.havoq.report.ExperimentResult.Check;
import io.havoq.report.ExperimentResult.Phase;
import io.qameta.allure.Allure;
import io.qameta.allure.AllureLifecycle;
import io.qameta.allure.SeverityLevel;
import io.qameta.allure.model.Label;
import io.qameta.allure.model.Stage;
import io.qameta.allure.model.Status;
import io.qameta.allure.model.StepResult;
import io.qameta.allure.model.TestResult;
import io.qameta.allure.util.ResultsUtils;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Adds what an experiment did and showed to the Allure result of its test. Allure's own listener starts that result,
 * gives it the status of JUnit's exception (assertion: failed, other: broken, aborted: skipped) and writes it; this
 * class only adds severity, labels, steps with their true times, and attachments.
 *
 * <p>Call it on the test's own thread, once, at the experiment's end and before JUnit ends the test: Allure finds the
 * current test by thread, and loses what other threads attach (allure-java#717, #1135).
 */
public final class AllureReporter {
    /** The end of a node's log is what explains a fault; the page holds every attachment, so it stays bounded. */
    static final int LOG_LINES = 2_000;

    private static final String TEXT = "text/plain";

    private final Supplier<AllureLifecycle> lifecycle;

    AllureReporter(Supplier<AllureLifecycle> lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** A reporter to the process's Allure results. */
    public static AllureReporter ofThisProcess() {
        return new AllureReporter(Allure::getLifecycle);
    }

    /**
     * Adds everything to the current test's result. Without one (no Allure listener in this launcher) it does nothing:
     * there is no report then that could lack it.
     *
     * @param nodeLogs log lines by node
     * @param events what happened to nodes and clients, one line each, in order
     */
    public void report(ExperimentResult result, Map<String, List<String>> nodeLogs, List<String> events) {
        var allure = lifecycle.get();
        if (allure.getCurrentTestCase().isEmpty()) {
            return;
        }
        allure.updateTestCase(test -> describe(test, result));
        attach(allure, result, nodeLogs, events);
    }

    private static void describe(TestResult test, ExperimentResult result) {
        severity(result.tags()).ifPresent(severity -> label(test, ResultsUtils.createSeverityLabel(severity)));
        label(test, ResultsUtils.createEpicLabel("Chaos experiments"));
        label(test, ResultsUtils.createFeatureLabel(scenario(result.testClass())));
        label(test, ResultsUtils.createStoryLabel(result.testName()));
        test.getLabels()
                .add(new Label().setName("verdict").setValue(result.verdict().word()));
        var own = test.getDescription();
        test.setDescription((own == null || own.isBlank() ? "" : own.strip() + "\n\n") + AllureDescription.of(result));
        result.phases().forEach(phase -> test.getSteps().add(step(phase, result.verdict())));
        if (!result.checklist().isEmpty()) {
            test.getSteps().add(checklist(result));
        }
    }

    /** Adds a label unless the author's annotation gave one of that name. */
    private static void label(TestResult test, Label label) {
        if (test.getLabels().stream().noneMatch(given -> label.getName().equals(given.getName()))) {
            test.getLabels().add(label);
        }
    }

    private static Optional<SeverityLevel> severity(List<String> tags) {
        return tags.stream()
                .flatMap(tag -> switch (tag) {
                    case "P0" -> Stream.of(SeverityLevel.BLOCKER);
                    case "P1", "smoke" -> Stream.of(SeverityLevel.CRITICAL);
                    case "P2" -> Stream.of(SeverityLevel.NORMAL);
                    case "combined", "limits" -> Stream.of(SeverityLevel.MINOR);
                    default -> Stream.<SeverityLevel>empty();
                })
                .min(Comparator.naturalOrder());
    }

    /** {@code io.havoq.scenarios.PodKillIT} is the scenario "pod kill". */
    static String scenario(String testClass) {
        var simple = testClass.substring(Math.max(testClass.lastIndexOf('.'), testClass.lastIndexOf('$')) + 1);
        var words = simple.replaceFirst("(IT|Test)$", "").replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ");
        return words.isEmpty()
                ? simple
                : words.substring(0, 1).toUpperCase(Locale.ROOT)
                        + words.substring(1).toLowerCase(Locale.ROOT);
    }

    private static StepResult step(Phase phase, Verdict verdict) {
        var start = phase.startedAt().toEpochMilli();
        return new StepResult()
                .setName(phase.detail().isBlank() ? phase.name() : phase.name() + ": " + phase.detail())
                .setStatus(phase.ok() ? Status.PASSED : status(verdict))
                .setStage(Stage.FINISHED)
                .setStart(start)
                .setStop(start + phase.durationMillis());
    }

    /** The status that JUnit's exception for the verdict gets from Allure's listener. */
    static Status status(Verdict verdict) {
        return switch (verdict) {
            case FAILED -> Status.FAILED;
            case INCONCLUSIVE -> Status.BROKEN;
            case UNSUPPORTED -> Status.SKIPPED;
            case PASSED -> Status.PASSED;
        };
    }

    private static StepResult checklist(ExperimentResult result) {
        var violated = result.checklist().stream().anyMatch(check -> check.state() == Check.State.VIOLATED);
        var end = result.startedAt().toEpochMilli() + result.durationMillis();
        return new StepResult()
                .setName("recovery checklist")
                .setStatus(violated ? Status.FAILED : Status.PASSED)
                .setStage(Stage.FINISHED)
                .setStart(end)
                .setStop(end)
                .setSteps(result.checklist().stream()
                        .map(check -> new StepResult()
                                .setName(check.level() + ": " + check.name()
                                        + (check.detail().isBlank() ? "" : ": " + check.detail()))
                                .setStatus(
                                        switch (check.state()) {
                                            case OK -> Status.PASSED;
                                            case VIOLATED -> Status.FAILED;
                                            case NOT_CHECKED -> Status.SKIPPED;
                                        })
                                .setStage(Stage.FINISHED)
                                .setStart(end)
                                .setStop(end))
                        .collect(Collectors.toList()));
    }

    private static void attach(
            AllureLifecycle allure, ExperimentResult result, Map<String, List<String>> nodeLogs, List<String> events) {
        result.manifests().forEach((source, text) -> attach(allure, "manifest " + source, "text/yaml", ".yaml", text));
        if (!result.violations().isEmpty()) {
            attach(
                    allure,
                    "violations",
                    TEXT,
                    ".txt",
                    result.violations().stream()
                            .map(violation -> violation.level() + " " + violation.check() + ": " + violation.message())
                            .collect(Collectors.joining("\n\n")));
        }
        result.injection()
                .filter(injection -> !injection.figures().isEmpty())
                .ifPresent(injection ->
                        attach(allure, "fault figures", TEXT, ".txt", String.join("\n", injection.figures())));
        if (!result.ledgerExtract().isEmpty()) {
            attach(allure, "ledger extract", TEXT, ".txt", String.join("\n", result.ledgerExtract()));
        }
        if (!events.isEmpty()) {
            attach(allure, "events", TEXT, ".txt", String.join("\n", events));
        }
        nodeLogs.forEach((node, lines) -> attach(allure, "log " + node, TEXT, ".log", end(lines)));
        attach(
                allure,
                "result",
                "application/json",
                ".json",
                SummaryJson.experiment(result, ProcessHandle.current().pid()).toPrettyString());
    }

    private static String end(List<String> lines) {
        if (lines.isEmpty()) {
            return "(the node logged nothing)";
        }
        var left = Math.max(0, lines.size() - LOG_LINES);
        return (left == 0 ? "" : "(" + left + " lines before these are left out)\n")
                + String.join("\n", lines.subList(left, lines.size()));
    }

    private static void attach(AllureLifecycle allure, String name, String type, String extension, String text) {
        allure.addAttachment(name, type, extension, text.getBytes(UTF_8));
    }
}
