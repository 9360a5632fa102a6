package io.havoq.manifest;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Phrases of error messages: lists of alternatives, and the word that was probably meant. */
final class Words {
    private Words() {}

    /** {@code a, b or c}. */
    static String orList(List<String> words) {
        var last = words.size() - 1;
        return last < 1 ? String.join("", words) : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    /** {@code ; did you mean 'x'?}, or nothing if no word is close. */
    static String didYouMean(String given, Collection<String> words) {
        var text = given.toLowerCase(Locale.ROOT);
        return words.stream()
                .filter(word -> !word.equals(given))
                .filter(word -> close(text, word.toLowerCase(Locale.ROOT)))
                .min(Comparator.comparingInt((String word) -> distance(text, word.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()))
                .map(word -> "; did you mean '" + word + "'?")
                .orElse("");
    }

    /** A typing error away, or the beginning of the word (labels for labelSelectors). */
    private static boolean close(String text, String word) {
        var stem = text.endsWith("s") ? text.substring(0, text.length() - 1) : text;
        return distance(text, word) <= Math.max(1, word.length() / 4) || (stem.length() >= 4 && word.startsWith(stem));
    }

    /** Levenshtein's distance. */
    private static int distance(String left, String right) {
        var previous = new int[right.length() + 1];
        for (int column = 0; column <= right.length(); column++) {
            previous[column] = column;
        }
        for (int row = 1; row <= left.length(); row++) {
            var current = new int[right.length() + 1];
            current[0] = row;
            for (int column = 1; column <= right.length(); column++) {
                var replaced = previous[column - 1] + (left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1);
                current[column] = Math.min(replaced, Math.min(previous[column], current[column - 1]) + 1);
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
