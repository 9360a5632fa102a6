package io.havoq.manifest;

import io.havoq.time.GoDuration;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Latency and jitter as manifests write them. Chaos Mesh 2.8 has a pattern for them in its schema ({@code DelaySpec}) and hands
 * the text to {@code tc} as it is, which knows no minutes ({@code tc(8)}, times); 2.6 and 2.7 read any Go duration. What is
 * accepted here means the same in all of them.
 */
final class Latency {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(\\.[0-9]{1,9})?(ns|us|ms|s|m|h)");

    /** A time of 0 or more. */
    static final TextRule RULE = text -> {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.of("is not a latency: expected one number and one unit, e.g. 100ms, 250us or 1.5s");
        }
        if (form.group(3).equals("m") || form.group(3).equals("h")) {
            return Optional.of(
                    "is in a unit that tc, which Chaos Mesh 2.8 hands it to, does not know: expected ns, us, ms or s,"
                            + " e.g. 90s");
        }
        // tc_server.go of 2.8 compares texts: netem.Time > "0ms"
        return text.startsWith("0") && !parse(text).isZero()
                ? Optional.of(
                        "begins with 0, so that Chaos Mesh 2.8 takes it for nothing and ignores it: expected e.g. "
                                + format(parse(text)))
                : Optional.empty();
    };

    /** A time of more than 0. */
    static final TextRule MORE_THAN_ZERO = RULE.and(text -> parse(text).isZero()
            ? Optional.of("is no delay, and without one Chaos Mesh ignores jitter and reorder too: expected e.g. 100ms")
            : Optional.empty());

    private Latency() {}

    static Duration parse(String text) {
        return GoDuration.parse(text);
    }

    /** One whole number and the largest unit that is exact. */
    static String format(Duration time) {
        var nanos = time.toNanos();
        if (nanos % 1_000_000_000 == 0) {
            return nanos / 1_000_000_000 + "s";
        }
        if (nanos % 1_000_000 == 0) {
            return nanos / 1_000_000 + "ms";
        }
        return nanos % 1_000 == 0 ? nanos / 1_000 + "us" : nanos + "ns";
    }
}
