package io.havoq.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends a build's run, whatever came out: prints the final table, makes the HTML report and says where it is. */
public final class Report {
    private Report() {}

    /**
     * Called by the build at {@code post-integration-test}.
     *
     * @param arguments directory of {@code summary.json}, Allure's results, the unpacked Allure command line, the history's
     *     directory, the categories' file, the run's name, then {@code name=value} of every switch that skips experiments
     * @throws IOException if the report cannot be made; the table has been printed by then
     */
    public static void main(String... arguments) throws IOException, InterruptedException {
        if (arguments.length < 6) {
            throw new IllegalArgumentException(
                    "expected: <summary directory> <allure results> <allure command line> <history> <categories.json> "
                            + "<run> [skipITs=false ...], got " + Arrays.toString(arguments));
        }
        if (Skips.of(List.of(arguments).subList(6, arguments.length)).isPresent()) {
            return;
        }
        var directory = Path.of(arguments[0]);
        var html = new HtmlReport(
                Path.of(arguments[1]),
                Path.of(arguments[2]),
                Path.of(arguments[3]),
                Path.of(arguments[4]),
                directory.resolve("report"));
        var summary = summary(directory.resolve(SummaryWriter.JSON_FILE), arguments[5]);
        if (summary == null) {
            System.out.println("[havoq] no experiment left a result in " + directory);
        } else {
            FinalTable.lines(summary).forEach(System.out::println);
            System.out.println("summary: " + directory.resolve(SummaryWriter.MARKDOWN_FILE));
        }
        if (html.hasResults()) {
            System.out.println("report:  " + html.make(summary));
        }
    }

    private static @Nullable ObjectNode summary(Path file, String run) throws IOException {
        return Files.exists(file)
                        && SummaryWriter.MAPPER.readTree(file.toFile()) instanceof ObjectNode summary
                        && summary.path("run").asText().equals(run)
                ? summary
                : null;
    }
}
