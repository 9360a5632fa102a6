package io.havoq.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a stand-in for Allure's generator, started as the real one is. */
class HtmlReportTest {
    /** Writes what it was given where the real one writes the page, with a history embedded as the real one does it. */
    private static final String GENERATOR = """
            package io.qameta.allure;
            import java.nio.file.*;
            public class CommandLine {
                public static void main(String[] arguments) throws Exception {
                    Path page = Files.createDirectories(Path.of(arguments[arguments.length - 1]));
                    Path before = Path.of(arguments[arguments.length - 3], "history", "history.json");
                    String known = Files.exists(before) ? Files.readString(before) : "none";
                    System.out.println("arguments " + String.join(" ", arguments));
                    if (known.equals("fail")) {
                        System.out.println("the generator is unhappy");
                        System.exit(3);
                    }
                    String embedded = java.util.Base64.getEncoder().encodeToString((known + "+1").getBytes());
                    Files.writeString(page.resolve("index.html"), String.join(" ", arguments)
                            + " analytics off: " + System.getenv("ALLURE_NO_ANALYTICS")
                            + (known.equals("odd") ? "" : " d('history/history.json','" + embedded + "');"));
                    System.exit(known.equals("half") ? 4 : 0);
                }
            }
            """;

    @TempDir
    static Path allure;

    @TempDir
    Path directory;

    private HtmlReport report;

    @BeforeAll
    static void compileTheGenerator() throws IOException {
        var config = Files.createDirectories(allure.resolve("lib/config"));
        var source = Files.writeString(allure.resolve("CommandLine.java"), GENERATOR);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", config.toString(), source.toString()))
                .isZero();
    }

    @BeforeEach
    void leaveOneResult() throws IOException {
        var results = Files.createDirectories(directory.resolve("results"));
        Files.writeString(results.resolve("1-result.json"), "{}");
        report = new HtmlReport(
                results,
                allure,
                directory.resolve("history"),
                Files.writeString(directory.resolve("categories.json"), "[]"),
                directory.resolve("havoq/report"));
    }

    @Test
    void theReportIsOneFileMadeWithoutAnalytics() throws IOException, InterruptedException {
        var page = report.make(null);

        assertThat(page).isEqualTo(directory.resolve("havoq/report/index.html"));
        assertThat(Files.readString(page)).contains("--single-file", "analytics off: true");
    }

    @Test
    void environmentAndCategoriesAreAmongTheResults() throws IOException, InterruptedException {
        report.make(SummaryJson.run(Samples.run(Samples.passed()), "r", 1));

        assertThat(Files.readString(report.results().resolve("environment.properties")))
                .contains("environment=local", "broker=reference", "seed=42", "java=", "kernel=");
        assertThat(report.results().resolve("categories.json")).exists();
    }

    @Test
    void theHistoryIsHandedOnFromRunToRun() throws IOException, InterruptedException {
        report.make(null);
        assertThat(report.history().resolve("history.json")).hasContent("none+1");

        report.make(null);
        assertThat(report.history().resolve("history.json")).hasContent("none+1+1");
    }

    @Test
    void aGeneratorThatFailsIsAnErrorWithItsOutput() throws IOException {
        Files.writeString(Files.createDirectories(report.history()).resolve("history.json"), "fail");

        assertThatThrownBy(() -> report.make(null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended with 3 and no report")
                .hasMessageContaining("the generator is unhappy");
        assertThat(report.history().resolve("history.json")).hasContent("fail");
    }

    @Test
    void aGeneratorThatEndsBadlyIsAnErrorEvenIfItLeftAPage() throws IOException {
        Files.writeString(Files.createDirectories(report.history()).resolve("history.json"), "half");

        assertThatThrownBy(() -> report.make(null)).hasMessageContaining("ended with 4 and a report");
        assertThat(report.history().resolve("history.json")).hasContent("half");
    }

    @Test
    void aPageWithoutHistoryIsAnErrorAndNotTheEndOfTheHistory() throws IOException {
        Files.writeString(Files.createDirectories(report.history()).resolve("history.json"), "odd");

        assertThatThrownBy(() -> report.make(null)).hasMessageContaining("no history in ");
        assertThat(report.history().resolve("history.json")).hasContent("odd");
    }

    @Test
    void aMissingGeneratorIsNamed() {
        var without = new HtmlReport(
                report.results(), directory.resolve("nowhere"), report.history(), report.categories(), report.page());

        assertThatThrownBy(() -> without.make(null)).hasMessageContaining("no Allure command line in ");
    }

    @Test
    void withoutResultsThereIsNothingToReport() throws IOException {
        assertThat(report.hasResults()).isTrue();
        Files.delete(report.results().resolve("1-result.json"));

        assertThat(report.hasResults()).isFalse();
    }
}
