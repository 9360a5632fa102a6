package io.havoq.manifest;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How much memory a stressor takes, as manifests write it: what passes both Chaos Mesh's admission ({@code Bytes.Validate},
 * docker/go-units {@code FromHumanSize}) and the program that is handed the text (memStress, dustin/go-humanize {@code ParseBytes},
 * which decides: {@code MB} is a power of 1000, {@code MiB} one of 1024).
 */
public sealed interface MemorySize {
    /** What a manifest may hold. */
    TextRule RULE = text -> {
        if (text.endsWith("%")) {
            return Form.PERCENT.matcher(text).matches()
                            && Integer.parseInt(text.substring(0, text.length() - 1)) >= 1
                            && Integer.parseInt(text.substring(0, text.length() - 1)) <= 100
                    ? Optional.empty()
                    : Optional.of("is not a share of the memory limit: expected a whole percentage from 1% to 100%");
        }
        if (!Form.BYTES.matcher(text).matches()) {
            return Optional.of(
                    "is not a size: expected a number and, without a space, a unit: KB, MB, GB (powers of 1000),"
                            + " KiB, MiB, GiB (powers of 1024), e.g. 256MB; or a percentage of the memory limit, e.g. 50%");
        }
        if (Form.bytes(text).bitLength() >= Long.SIZE) {
            return Optional.of("is more than any machine has: expected e.g. 256MB");
        }
        return Form.bytes(text).signum() > 0
                ? Optional.empty()
                : Optional.of("takes no memory at all: expected more than 0, e.g. 256MB");
    };

    /** For the node's memory limit. */
    long bytesOf(long limit);

    /** As a manifest writes it. */
    String text();

    /** So many bytes. */
    record Bytes(long bytes) implements MemorySize {
        /** Refuses nothing and less. */
        public Bytes {
            if (bytes < 1) {
                throw new IllegalArgumentException(bytes + " bytes: expected 1 or more");
            }
        }

        @Override
        public long bytesOf(long limit) {
            return bytes;
        }

        /** In the largest unit that is exact. */
        @Override
        public String text() {
            var units = new String[] {"TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "KB"};
            for (var unit : units) {
                var one = Form.unit(unit).longValueExact();
                if (bytes % one == 0) {
                    return bytes / one + unit;
                }
            }
            return bytes + "B";
        }
    }

    /** A share of the container's memory limit (memStress {@code getTotalMemory}). */
    record Percent(int percent) implements MemorySize {
        /** Refuses what is out of range. */
        public Percent {
            if (percent < 1 || percent > 100) {
                throw new IllegalArgumentException(percent + " %: expected 1 to 100");
            }
        }

        @Override
        public long bytesOf(long limit) {
            return limit / 100 * percent;
        }

        @Override
        public String text() {
            return percent + "%";
        }
    }

    /** Reads what {@link #RULE} lets pass. */
    static MemorySize parse(String text) {
        RULE.complaint(text).ifPresent(complaint -> {
            throw new IllegalArgumentException("'" + text + "' " + complaint);
        });
        return text.endsWith("%")
                ? new Percent(Integer.parseInt(text.substring(0, text.length() - 1)))
                : new Bytes(Form.bytes(text).longValueExact());
    }

    /** The words of a size. */
    final class Form {
        private static final Pattern PERCENT = Pattern.compile("[0-9]{1,3}%");
        private static final Pattern BYTES =
                Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)(|b|[kmgt](?:i?b)?)", Pattern.CASE_INSENSITIVE);

        private Form() {}

        private static BigInteger bytes(String text) {
            var form = BYTES.matcher(text);
            if (!form.matches()) {
                throw new IllegalArgumentException("'" + text + "' is not a size");
            }
            return new BigDecimal(form.group(1))
                    .multiply(new BigDecimal(unit(form.group(2))))
                    .setScale(0, RoundingMode.DOWN)
                    .toBigIntegerExact();
        }

        private static BigInteger unit(String unit) {
            var word = unit.toLowerCase(Locale.ROOT);
            var power = word.isEmpty() ? 0 : "bkmgt".indexOf(word.charAt(0));
            return BigInteger.valueOf(word.endsWith("ib") ? 1024 : 1000).pow(power);
        }
    }
}
