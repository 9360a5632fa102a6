package io.havoq.settings;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One setting: its key, its default as a user would write it, what it means, and how its text is read.
 *
 * @param key {@code havoq.} and lower-case words
 * @param defaultText the default, as a user would write it; empty when there is none
 * @param description one sentence for the table of settings, with units and range
 * @param reader turns text into a value; throws {@link IllegalArgumentException} saying what was expected
 */
public record Setting<T>(String key, String defaultText, String description, Function<String, T> reader) {

    /** Any text. */
    public static Setting<String> text(String key, String defaultText, String description) {
        return new Setting<>(key, defaultText, description, Function.identity());
    }

    /** A duration as Go writes it, not negative. */
    public static Setting<Duration> duration(String key, String defaultText, String description) {
        return new Setting<>(key, defaultText, description, text -> {
            var value = GoDuration.parse(text);
            if (value.isNegative()) {
                throw new IllegalArgumentException("'" + text + "' is negative: expected a duration of 0 or more");
            }
            return value;
        });
    }

    /** A whole number within bounds, both included. */
    public static Setting<Integer> integer(String key, int defaultValue, int min, int max, String description) {
        return new Setting<>(key, Integer.toString(defaultValue), description, text -> {
            int value;
            try {
                value = Integer.parseInt(text.strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + text + "' is not a whole number", e);
            }
            if (value < min || value > max) {
                throw new IllegalArgumentException(value + " is out of range: expected " + min + " to " + max);
            }
            return value;
        });
    }

    /** A number within bounds, both included. */
    public static Setting<Double> number(String key, double defaultValue, double min, double max, String description) {
        return new Setting<>(key, Double.toString(defaultValue), description, text -> {
            double value;
            try {
                value = Double.parseDouble(text.strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + text + "' is not a number", e);
            }
            if (!(value >= min && value <= max)) {
                throw new IllegalArgumentException(value + " is out of range: expected " + min + " to " + max);
            }
            return value;
        });
    }

    /** {@code true} or {@code false}. */
    public static Setting<Boolean> flag(String key, boolean defaultValue, String description) {
        return new Setting<>(key, Boolean.toString(defaultValue), description, text -> switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        });
    }

    /** One of a list of words; enum constants are written in lower case with hyphens. */
    public static <E extends Enum<E>> Setting<E> choice(String key, E defaultValue, Class<E> type, String description) {
        return new Setting<>(
                key,
                word(defaultValue),
                description,
                text -> Arrays.stream(type.getEnumConstants())
                        .filter(constant -> word(constant).equals(text.strip()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is unknown: expected one of "
                                + Arrays.stream(type.getEnumConstants())
                                        .map(Setting::word)
                                        .collect(Collectors.joining(", ")))));
    }

    /** Words separated by commas; empty text is the empty list. */
    public static Setting<List<String>> words(String key, String defaultText, String description) {
        return new Setting<>(
                key,
                defaultText,
                description,
                text -> Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .toList());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
