package io.havoq.time;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Durations as Go's {@code time.ParseDuration} reads them: {@code 1h30m}, {@code 1.5s}, {@code -2m}, {@code 0}. Units are
 * ns, us (also µs), ms, s, m, h. Chaos Mesh writes every duration this way, and so do Havoq's settings.
 */
public final class GoDuration {
    private static final Pattern TERM = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "μs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private GoDuration() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException if the text is not such a duration or exceeds 292 years; the message says what was expected
     */
    public static Duration parse(String text) {
        var negative = text.startsWith("-");
        var body = negative || text.startsWith("+") ? text.substring(1) : text;
        if (body.equals("0")) {
            return Duration.ZERO;
        }
        var term = TERM.matcher(body);
        var total = BigDecimal.ZERO;
        var end = 0;
        while (term.find() && term.start() == end) {
            var unit = NANOS.get(term.group(2));
            total = total.add(new BigDecimal(term.group(1)).multiply(BigDecimal.valueOf(unit)));
            end = term.end();
        }
        if (end == 0 || end != body.length()) {
            throw new IllegalArgumentException("'" + text
                    + "' is not a duration: expected e.g. 500ms, 30s, 2m, 1h30m (units ns, us, ms, s, m, h)");
        }
        if (total.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("'" + text + "' is not a duration: more than 292 years");
        }
        var nanos = total.setScale(0, RoundingMode.DOWN).longValueExact();
        return Duration.ofNanos(negative ? -nanos : nanos);
    }

    /** Writes a duration so that {@link #parse} reads the same one, in the largest units that are exact: 1h30m, 1.5s, 250ms. */
    public static String format(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        if (duration.isNegative()) {
            return "-" + format(duration.negated());
        }
        var text = new StringBuilder();
        if (duration.toHours() > 0) {
            text.append(duration.toHours()).append('h');
        }
        if (duration.toMinutesPart() > 0) {
            text.append(duration.toMinutesPart()).append('m');
        }
        var rest = duration.toSecondsPart() * 1_000_000_000L + duration.toNanosPart();
        if (rest > 0) {
            var unit = rest >= 1_000_000_000L ? "s" : rest >= 1_000_000L ? "ms" : rest >= 1_000L ? "us" : "ns";
            text.append(BigDecimal.valueOf(rest)
                            .divide(BigDecimal.valueOf(NANOS.get(unit)))
                            .stripTrailingZeros()
                            .toPlainString())
                    .append(unit);
        }
        return text.toString();
    }
}
