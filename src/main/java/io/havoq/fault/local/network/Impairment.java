package io.havoq.fault.local.network;

import java.time.Duration;
import java.util.List;

/**
 * One thing that a rule does to the packets of a pair, with the meaning of tc-netem(8) and tc-tbf(8).
 *
 * <p>Percentages run from 0 to 100. A correlation is the percentage of packets that repeat the outcome of the packet before;
 * the others are drawn anew. So the share of packets hit is the percentage itself whatever the correlation, and after a hit
 * the next packet is hit with p + r(1 - p), after a miss with p(1 - r). (The kernel's own formula shifts the share.)
 */
public sealed interface Impairment {
    /** Nothing passes. */
    record Partition() implements Impairment {
        @Override
        public List<String> fields() {
            return List.of("partition");
        }
    }

    /** Packets are dropped. */
    record Loss(double percent, double correlation) implements Impairment {
        public Loss {
            percentage("loss", percent);
            percentage("correlation of loss", correlation);
        }

        @Override
        public List<String> fields() {
            return List.of("loss", text(percent), text(correlation));
        }
    }

    /** Packets arrive twice. */
    record Duplicate(double percent, double correlation) implements Impairment {
        public Duplicate {
            percentage("duplicate", percent);
            percentage("correlation of duplicate", correlation);
        }

        @Override
        public List<String> fields() {
            return List.of("duplicate", text(percent), text(correlation));
        }
    }

    /** One random bit of a packet, IP header and payload alike, is flipped. */
    record Corrupt(double percent, double correlation) implements Impairment {
        public Corrupt {
            percentage("corrupt", percent);
            percentage("correlation of corrupt", correlation);
        }

        @Override
        public List<String> fields() {
            return List.of("corrupt", text(percent), text(correlation));
        }
    }

    /**
     * Packets are held for the latency, give or take the jitter (uniform). Jitter reorders, as netem does: what is due first
     * leaves first.
     *
     * @param correlation percentage of packets that repeat the jitter of the packet before
     * @param reorderPercent percentage of packets that are not held, and so overtake those that are
     * @param reorderCorrelation percentage of packets that repeat that choice of the packet before
     * @param gap only every gap-th packet can be chosen to overtake; 0 stands for 1 with a reorderPercent and for never
     *     without; a gap without a reorderPercent lets every gap-th packet overtake
     */
    record Delay(
            Duration latency,
            Duration jitter,
            double correlation,
            double reorderPercent,
            double reorderCorrelation,
            int gap)
            implements Impairment {
        public Delay {
            notNegative("latency", latency);
            notNegative("jitter", jitter);
            percentage("correlation of jitter", correlation);
            percentage("reorder", reorderPercent);
            percentage("correlation of reorder", reorderCorrelation);
            if (gap < 0) {
                throw new IllegalArgumentException("gap is " + gap + ", expected 0 or more packets");
            }
        }

        @Override
        public List<String> fields() {
            return List.of(
                    "delay",
                    latency.toString(),
                    jitter.toString(),
                    text(correlation),
                    text(reorderPercent),
                    text(reorderCorrelation),
                    Integer.toString(gap));
        }
    }

    /**
     * Packets pass no faster than a token bucket allows (tc-tbf(8)). A packet counts with its IP length, without a link-layer
     * header.
     *
     * @param bytesPerSecond the rate
     * @param limitBytes what can wait for tokens; what comes beyond is dropped
     * @param bufferBytes the bucket: what can pass at once after a pause; a packet larger than it never passes
     */
    record Shape(double bytesPerSecond, long limitBytes, long bufferBytes) implements Impairment {
        public Shape {
            if (!(bytesPerSecond > 0) || Double.isInfinite(bytesPerSecond) || limitBytes <= 0 || bufferBytes <= 0) {
                throw new IllegalArgumentException("rate " + bytesPerSecond + " B/s, limit " + limitBytes
                        + " B and buffer " + bufferBytes + " B: each has to be above zero");
            }
        }

        @Override
        public List<String> fields() {
            return List.of("shape", text(bytesPerSecond), Long.toString(limitBytes), Long.toString(bufferBytes));
        }
    }

    /** The kind and the figures as words without spaces; {@link #parse} reads them. */
    List<String> fields();

    /**
     * Reads what {@link #fields} wrote.
     *
     * @throws IllegalArgumentException if it is not that
     */
    static Impairment parse(List<String> fields) {
        try {
            var kind = fields.get(0);
            var expected =
                    switch (kind) {
                        case "partition" -> 1;
                        case "loss", "duplicate", "corrupt" -> 3;
                        case "delay" -> 7;
                        case "shape" -> 4;
                        default -> throw new IllegalArgumentException("unknown kind " + kind);
                    };
            if (fields.size() != expected) {
                throw new IllegalArgumentException(kind + " has " + expected + " fields");
            }
            return switch (kind) {
                case "partition" -> new Partition();
                case "loss" -> new Loss(number(fields, 1), number(fields, 2));
                case "duplicate" -> new Duplicate(number(fields, 1), number(fields, 2));
                case "corrupt" -> new Corrupt(number(fields, 1), number(fields, 2));
                case "delay" ->
                    new Delay(
                            Duration.parse(fields.get(1)),
                            Duration.parse(fields.get(2)),
                            number(fields, 3),
                            number(fields, 4),
                            number(fields, 5),
                            Integer.parseInt(fields.get(6)));
                default -> new Shape(number(fields, 1), Long.parseLong(fields.get(2)), Long.parseLong(fields.get(3)));
            };
        } catch (IndexOutOfBoundsException | java.time.DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException("not an impairment: " + fields + ": " + e.getMessage(), e);
        }
    }

    private static double number(List<String> fields, int index) {
        return Double.parseDouble(fields.get(index));
    }

    private static String text(double number) {
        return Double.toString(number);
    }

    private static void percentage(String what, double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException(what + " is " + percent + ", expected a percentage from 0 to 100");
        }
    }

    private static void notNegative(String what, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(what + " is " + duration + ", expected zero or more");
        }
    }
}
