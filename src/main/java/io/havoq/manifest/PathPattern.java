package io.havoq.manifest;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * {@code spec.path} of an IOChaos: which files of a volume are meant. Chaos Mesh's {@code toda} matches it against the whole path with
 * Rust's {@code glob} crate and its default options: {@code ?} is one character, {@code *} any number of them, {@code /} included, {@code **}
 * between slashes any number of directories, {@code [abc]} and {@code [!a-c]} one of some.
 */
public record PathPattern(String text) {
    /** An absolute path without dots, which may have wildcards. */
    static final TextRule RULE = text -> problem(text);

    /** Refuses what is no pattern. */
    public PathPattern {
        problem(text).ifPresent(complaint -> {
            throw new IllegalArgumentException("'" + text + "' " + complaint);
        });
    }

    private static Optional<String> problem(String text) {
        if (!text.startsWith("/")) {
            return Optional.of("is no absolute path: expected e.g. /data/**/*.log, beginning with volumePath");
        }
        for (var part : text.split("/", -1)) {
            if (part.equals(".") || part.equals("..")) {
                return Optional.of("has '" + part + "' in it, which no file's path has: expected it without");
            }
            if (part.contains("**") && !part.equals("**")) {
                return Optional.of("has ** beside other characters, which is no pattern: expected /**/ or a single *");
            }
        }
        try {
            regex(text);
            return Optional.empty();
        } catch (PatternSyntaxException e) {
            return Optional.of("is no pattern, a bracket is not closed: expected e.g. [abc] or [!a-c]");
        }
    }

    /** Whether a file of this path is meant. */
    public boolean matches(String path) {
        return regex(text).matcher(path).matches();
    }

    /** Whether it is the path of one file. */
    public boolean literal() {
        return text.chars().noneMatch(character -> character == '*' || character == '?' || character == '[');
    }

    /**
     * A path that it matches.
     *
     * @param word what stands in the place of any number of characters
     */
    public String example(String word) {
        var path = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            var character = text.charAt(i);
            if (text.startsWith("**", i)) {
                path.append(word);
                i++;
            } else if (character == '*') {
                path.append(word);
            } else if (character == '?') {
                path.append('x');
            } else if (character == '[') {
                int end = end(text, i);
                path.append(one(text.substring(i, end + 1)));
                i = end;
            } else {
                path.append(character);
            }
        }
        return path.toString();
    }

    private static char one(String brackets) {
        var any = Pattern.compile(brackets(brackets), Pattern.DOTALL);
        for (char character = '~'; character > ' '; character--) {
            if (character != '/' && any.matcher(String.valueOf(character)).matches()) {
                return character;
            }
        }
        return 'x';
    }

    private static Pattern regex(String text) {
        var regex = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            var character = text.charAt(i);
            if (text.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (text.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (character == '*') {
                regex.append(".*");
            } else if (character == '?') {
                regex.append('.');
            } else if (character == '[') {
                int end = end(text, i);
                regex.append(brackets(text.substring(i, end + 1)));
                i = end;
            } else {
                regex.append(Pattern.quote(String.valueOf(character)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /** Where brackets that open here are closed; one right at their beginning is one of the characters. */
    private static int end(String text, int begin) {
        int first = text.startsWith("[!", begin) ? begin + 2 : begin + 1;
        int end = text.indexOf(']', first + 1);
        if (end < 0) {
            throw new PatternSyntaxException("bracket not closed", text, begin);
        }
        return end;
    }

    private static String brackets(String brackets) {
        boolean not = brackets.startsWith("[!");
        var inside = brackets.substring(not ? 2 : 1, brackets.length() - 1);
        return (not ? "[^" : "[") + inside.replaceAll("[\\[\\]\\\\^&]", "\\\\$0") + "]";
    }

    @Override
    public String toString() {
        return text;
    }
}
