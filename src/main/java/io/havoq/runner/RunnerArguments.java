package io.havoq.runner;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What the runner was asked for: {@code --key=value} each.
 *
 * @param scan the jar or directory in which experiments are looked for
 * @param include which classes, by their full names
 * @param tags which tags, one of which an experiment must have; empty for any
 * @param allure the unpacked Allure command line; without it there is no HTML report
 */
record RunnerArguments(
        Path scan,
        String include,
        List<String> tags,
        List<String> excludedTags,
        Optional<Path> allure,
        Optional<Path> categories) {

    static final String USAGE = """
            Usage: Runner --scan=JAR_OR_DIRECTORY [--include=.*IT] [--tags=P0,P1] [--exclude-tags=P2]
                          [--allure=DIRECTORY --categories=FILE]
            Settings are system properties, -Dhavoq.NAME=VALUE.
            Exit status: 0 green, 1 red, 64 a mistake in this line, 70 the run itself broke.""";

    private static final Set<String> KEYS = Set.of("scan", "include", "tags", "exclude-tags", "allure", "categories");

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException saying which argument is wrong and what was expected
     */
    static RunnerArguments parse(String... arguments) {
        var given = new LinkedHashMap<String, String>();
        for (var argument : arguments) {
            var equals = argument.indexOf('=');
            var key = argument.startsWith("--") && equals > 2 ? argument.substring(2, equals) : "";
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        "argument '" + argument + "' is unknown: expected --key=value with " + new TreeSet<>(KEYS));
            }
            given.put(key, argument.substring(equals + 1));
        }
        var scan = path(given, "scan")
                .orElseThrow(() -> new IllegalArgumentException("--scan is missing: where the experiments are"));
        var allure = path(given, "allure");
        var categories = path(given, "categories");
        if (allure.isPresent() != categories.isPresent()) {
            throw new IllegalArgumentException("--allure and --categories go together: the report needs both");
        }
        return new RunnerArguments(
                scan,
                pattern(given.getOrDefault("include", ".*IT")),
                words(given.getOrDefault("tags", "")),
                words(given.getOrDefault("exclude-tags", "")),
                allure,
                categories);
    }

    private static Optional<Path> path(Map<String, String> given, String key) {
        return Optional.ofNullable(given.get(key)).map(Path::of).map(path -> {
            if (!Files.exists(path)) {
                throw new IllegalArgumentException("--" + key + ": " + path.toAbsolutePath() + " does not exist");
            }
            return path;
        });
    }

    private static String pattern(String text) {
        try {
            Pattern.compile(text);
            return text;
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("--include: '" + text + "' is no regular expression", e);
        }
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
