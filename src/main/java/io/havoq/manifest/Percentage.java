package io.havoq.manifest;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/** Percentages of network faults, which manifests give as strings (Chaos Mesh {@code FloatStr}, {@code common_webhook.go}). */
final class Percentage {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}\\.?[0-9]{0,9}|\\.[0-9]{1,9}");

    /** From 0 to 100; Chaos Mesh reads any number, {@code tc} then refuses what is above. */
    static final TextRule RULE = text -> {
        if (text.endsWith("%")) {
            return Optional.of("ends in a percent sign: expected the number alone, e.g. \"25\"");
        }
        return NUMBER.matcher(text).matches() && parse(text) <= 100
                ? Optional.empty()
                : Optional.of("is not a percentage: expected a number from 0 to 100, e.g. \"25\" or \"0.5\"");
    };

    /** Above 0: a fault of 0 % is none. */
    static final TextRule SHARE = RULE.and(text -> parse(text) > 0
            ? Optional.empty()
            : Optional.of("hits no packet at all: expected a percentage above 0, up to 100"));

    private Percentage() {}

    static double parse(String text) {
        return Double.parseDouble(text);
    }

    static String format(double percent) {
        return BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString();
    }

    static void check(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException(percent + " % is out of range: expected 0 to 100");
        }
    }

    static void checkShare(double percent) {
        if (!(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException(percent + " % is out of range: expected above 0, up to 100");
        }
    }
}
