package io.havoq.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes the HTML report of a run: one file that opens from disk and needs no network. It runs Allure's own generator
 * with this JDK, so that neither an Allure installation nor Node is needed, and with Allure's analytics off, in the
 * generator and in the page: the generator takes that from its environment only
 * ({@code ALLURE_NO_ANALYTICS}, read by io.qameta.allure.ga.GaPlugin and by ReportWebGenerator, which wants "true").
 *
 * @param results Allure's results of the experiments
 * @param commandline the unpacked Allure command line
 * @param history where the history of the last runs is kept, outside of what {@code clean} removes
 * @param categories the categories' file
 * @param page the directory of the page
 */
record HtmlReport(Path results, Path commandline, Path history, Path categories, Path page) {
    private static final long LIMIT_SECONDS = 120;

    /** How Allure 2 embeds a file in a single-file report: {@code d('history/history.json','<Base64>')}. */
    private static final Pattern EMBEDDED_HISTORY =
            Pattern.compile("d\\('history/([a-z-]+\\.json)','([A-Za-z0-9+/=]*)'\\)");

    /** Whether any test left a result that a report could be made of. */
    boolean hasResults() throws IOException {
        if (!Files.isDirectory(results)) {
            return false;
        }
        try (var files = Files.list(results)) {
            return files.anyMatch(file -> file.getFileName().toString().endsWith("-result.json"));
        }
    }

    /**
     * Makes the report and keeps its history.
     *
     * @param summary the run's summary, if one was written
     * @return the page
     */
    Path make(@Nullable JsonNode summary) throws IOException, InterruptedException {
        Files.copy(categories, results.resolve("categories.json"), StandardCopyOption.REPLACE_EXISTING);
        if (summary != null) {
            Files.writeString(results.resolve("environment.properties"), environment(summary));
        }
        restoreHistory();
        generate();
        var index = page.resolve("index.html");
        keepHistory(Files.readString(index));
        return index;
    }

    private static String environment(JsonNode summary) throws IOException {
        var properties = new Properties();
        for (var field : List.of("environment", "broker", "description", "seed", "run")) {
            properties.setProperty(field, summary.path(field).asText());
        }
        summary.path("host")
                .properties()
                .forEach(entry ->
                        properties.setProperty(entry.getKey(), entry.getValue().asText()));
        var text = new StringWriter();
        properties.store(text, null);
        return text.toString();
    }

    private void generate() throws IOException, InterruptedException {
        var lib = commandline.resolve("lib");
        if (!Files.isDirectory(lib)) {
            throw new IOException("no Allure command line in " + commandline + ": expected lib/*.jar there; the build "
                    + "unpacks it (dependency:unpack), run it from the project's directory");
        }
        var log = page.resolveSibling("allure.log");
        Files.createDirectories(page.toAbsolutePath().getParent());
        var builder = new ProcessBuilder(
                        java().toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        lib.resolve("*") + File.pathSeparator + lib.resolve("config"),
                        "io.qameta.allure.CommandLine",
                        "generate",
                        "--clean",
                        "--single-file",
                        "--report-name",
                        "Havoq",
                        results.toString(),
                        "-o",
                        page.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("ALLURE_NO_ANALYTICS", "true");
        builder.environment().put("APP_HOME", commandline.toAbsolutePath().toString());
        var process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("Allure's generator did not end within " + LIMIT_SECONDS + " s, see " + log);
            }
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0 || !Files.exists(page.resolve("index.html"))) {
            throw new IOException("Allure's generator ended with " + process.exitValue() + " and "
                    + (Files.exists(page.resolve("index.html")) ? "a" : "no") + " report, see " + log + ":\n"
                    + Files.readString(log));
        }
    }

    private static Path java() {
        var bin = Path.of(System.getProperty("java.home"), "bin");
        return Files.exists(bin.resolve("java.exe")) ? bin.resolve("java.exe") : bin.resolve("java");
    }

    /** Allure reads the history of the runs before from among the results. */
    private void restoreHistory() throws IOException {
        if (!Files.isDirectory(history)) {
            return;
        }
        var among = Files.createDirectories(results.resolve("history"));
        try (var files = Files.list(history)) {
            for (var file :
                    files.filter(file -> file.toString().endsWith(".json")).toList()) {
                Files.copy(file, among.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** A single-file report has its history inside the page only. */
    private void keepHistory(String html) throws IOException {
        var embedded = EMBEDDED_HISTORY.matcher(html);
        var kept = 0;
        Files.createDirectories(history);
        while (embedded.find()) {
            var temporary = history.resolve(embedded.group(1) + ".new");
            Files.write(temporary, Base64.getDecoder().decode(embedded.group(2)));
            Files.move(
                    temporary,
                    history.resolve(embedded.group(1)),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            kept++;
        }
        if (kept == 0) {
            throw new IOException("no history in " + page
                    + ": this version of Allure embeds it otherwise than d('history/...','...')");
        }
    }
}
