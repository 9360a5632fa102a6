package io.havoq.manifest;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Rates as manifests write them. Chaos Mesh 2.7 and 2.8 check the form ({@code isValidRateUnit}: a whole number and a unit, in
 * any case) and hand the text to {@code tc} as it is ({@code convertTbfToArgs}: {@code "rate %s"}). So the figures are those of
 * iproute2 ({@code lib/utils_math.c}, {@code suffixes} and {@code get_rate64}: {@code "kbit" 1000}, {@code "KBps" 8000}, then
 * {@code bps /= 8} and whole bytes): {@code bps} is bytes per second, the units are powers of 1000. The powers of 1024 in
 * {@code pkg/chaosdaemon/netem/utils.go} only tell which of two rates is the larger.
 *
 * <p>2.6 differs: it knows no {@code bit} units, takes {@code bps} as powers of 1024, and hands {@code tc} the bare number, which
 * {@code tc} reads as bits per second: an eighth of what was written.
 */
final class ByteRate {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18})([kmgt]?)(bps|bit)", Pattern.CASE_INSENSITIVE);
    private static final Map<String, BigInteger> POWERS = powers();

    static final TextRule RULE = text -> {
        if (!FORM.matcher(text).matches()) {
            return Optional.of(
                    "is not a rate: expected a whole number and, without a space, a unit: bit, kbit, mbit, gbit, tbit"
                            + " (bits per second) or bps, kbps, mbps, gbps, tbps (bytes per second), e.g. 1mbit or 128kbps");
        }
        return parse(text) >= 1 ? Optional.empty() : Optional.of("lets nothing pass: expected 1bps (8bit) or more");
    };

    private ByteRate() {}

    private static Map<String, BigInteger> powers() {
        var powers = new LinkedHashMap<String, BigInteger>();
        var power = BigInteger.ONE;
        for (var prefix : new String[] {"", "k", "m", "g", "t"}) {
            powers.put(prefix, power);
            power = power.multiply(BigInteger.valueOf(1000));
        }
        return powers;
    }

    /** Whole bytes per second. */
    static double parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a rate");
        }
        var number = new BigInteger(form.group(1)).multiply(power(form.group(2)));
        var bits = form.group(3).toLowerCase(Locale.ROOT).equals("bit");
        return (bits ? number.shiftRight(3) : number).doubleValue();
    }

    private static BigInteger power(String prefix) {
        return Optional.ofNullable(POWERS.get(prefix.toLowerCase(Locale.ROOT))).orElseThrow();
    }

    /** In the largest unit of bytes that is exact. */
    static String format(double bytesPerSecond) {
        var bytes = BigDecimal.valueOf(bytesPerSecond).toBigInteger();
        var text = "";
        for (var power : POWERS.entrySet()) {
            if (bytes.mod(power.getValue()).signum() == 0) {
                text = bytes.divide(power.getValue()) + power.getKey() + "bps";
            }
        }
        return text;
    }

    static void check(double bytesPerSecond) {
        if (!(bytesPerSecond >= 1)
                || bytesPerSecond != Math.rint(bytesPerSecond)
                || Double.isInfinite(bytesPerSecond)) {
            throw new IllegalArgumentException(
                    bytesPerSecond + " bytes per second: expected a whole number of 1 or more, as tc takes it");
        }
    }
}
