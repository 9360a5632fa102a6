package io.havoq.runner;

import io.havoq.report.Gate;
import io.havoq.report.Report;
import io.havoq.report.ReportSettings;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.platform.engine.Filter;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs experiments as the build does, where there is no build tool: the tests, then the table and the report, then the gate.
 * It decides what the build would: red if anything failed or was inconclusive, and red if nothing was shown.
 */
public final class Runner {
    private static final int RED = 1;
    private static final int USAGE = 64;
    private static final int BROKEN = 70;
    private static final int FAILURES_TOLD = 100;

    private final RunnerArguments arguments;
    private final PrintStream out;

    private Runner(RunnerArguments arguments, PrintStream out) {
        this.arguments = arguments;
        this.out = out;
    }

    /** Runs them; see {@link RunnerArguments#USAGE} for arguments and exit status. */
    public static void main(String[] arguments) {
        System.exit(run(new PrintStream(System.out, true, StandardCharsets.UTF_8), arguments));
    }

    static int run(PrintStream out, String... arguments) {
        RunnerArguments parsed;
        try {
            parsed = RunnerArguments.parse(arguments);
        } catch (IllegalArgumentException e) {
            out.println(e.getMessage());
            out.println(RunnerArguments.USAGE);
            return USAGE;
        }
        try {
            return new Runner(parsed, out).run();
        } catch (IOException e) {
            out.println("[havoq] the run broke: " + e);
            return BROKEN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            out.println("[havoq] the run was interrupted");
            return BROKEN;
        }
    }

    private int run() throws IOException, InterruptedException {
        // As the build says it to the JVM of the tests: one name for all that this run leaves.
        System.setProperty(ReportSettings.RUN.key(), Instant.now().toString());
        var failures = execute();
        var settings = Settings.fromSystemProperties();
        var results = Path.of(settings.get(ReportSettings.RESULTS));
        var run = settings.get(ReportSettings.RUN);
        report(results, run);
        return gate(results, run) && failures == 0 ? 0 : RED;
    }

    private long execute() {
        var summary = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request(), summary);
        var told = summary.getSummary();
        told.printTo(new PrintWriter(out, true, StandardCharsets.UTF_8));
        told.printFailuresTo(new PrintWriter(out, true, StandardCharsets.UTF_8), FAILURES_TOLD);
        return told.getTotalFailureCount();
    }

    private LauncherDiscoveryRequest request() {
        var filters = new ArrayList<Filter<?>>(List.of(ClassNameFilter.includeClassNamePatterns(arguments.include())));
        if (!arguments.tags().isEmpty()) {
            filters.add(TagFilter.includeTags(arguments.tags()));
        }
        if (!arguments.excludedTags().isEmpty()) {
            filters.add(TagFilter.excludeTags(arguments.excludedTags()));
        }
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClasspathRoots(Set.of(arguments.scan())))
                .filters(filters.toArray(Filter[]::new))
                .build();
    }

    private void report(Path results, String run) throws IOException, InterruptedException {
        if (arguments.allure().isEmpty() || arguments.categories().isEmpty()) {
            out.println("[havoq] no report: --allure and --categories were not given");
            return;
        }
        Report.main(
                results.toString(),
                System.getProperty("allure.results.directory", "allure-results"),
                arguments.allure().get().toString(),
                results.resolve("history").toString(),
                arguments.categories().get().toString(),
                run);
    }

    private boolean gate(Path results, String run) {
        try {
            Gate.main(results.resolve("summary.json").toString(), run);
            return true;
        } catch (RuntimeException e) {
            out.println("[havoq] gate: " + e.getMessage());
            return false;
        }
    }
}
