package io.havoq.manifest;

import java.util.Map;
import java.util.Optional;

/** Reads the section bandwidth (Chaos Mesh {@code BandwidthSpec}, {@code FromBandwidth}, {@code convertTbfToArgs}). */
final class BandwidthReader {
    /** The schema says {@code format: int32}. */
    private static final long MOST_BYTES = Integer.MAX_VALUE;

    private static final long MOST_BITS = 1_000_000_000_000_000L;

    private BandwidthReader() {}

    static Optional<Bandwidth> read(Fields spec) {
        return spec.mapping("bandwidth").flatMap(BandwidthReader::bandwidth);
    }

    private static Optional<Bandwidth> bandwidth(Fields fields) {
        fields.require("rate", "the speed, e.g. 1mbit or 128kbps (bytes per second)");
        fields.require("limit", "how many bytes may wait, e.g. 20971520");
        fields.require("buffer", "how many bytes may pass at once, e.g. 10000");
        var rate = fields.text("rate", ByteRate.RULE).map(ByteRate::parse);
        var limit = fields.number("limit", 1, MOST_BYTES);
        var buffer = fields.number("buffer", 1, MOST_BYTES);
        var peakRate = fields.number("peakrate", 8, MOST_BITS).map(bits -> (double) (bits / 8));
        var minBurst = fields.number("minburst", 1, MOST_BYTES).map(Math::toIntExact);
        fields.refuseOthers(Map.of(
                "burst", "is called 'buffer' by Chaos Mesh: rename it",
                "latency", "is not available: expected 'limit'"));
        refuseHalfAPeak(fields, "peakrate", "minburst");
        refuseHalfAPeak(fields, "minburst", "peakrate");
        rate.ifPresent(speed -> peakRate.filter(peak -> peak <= speed)
                .ifPresent(peak -> fields.problem(
                        "peakrate",
                        "is " + ByteRate.format(peak)
                                + ", since tc reads it as bits per second, and not above the rate of "
                                + ByteRate.format(speed) + ", which the kernel refuses: expected more than "
                                + (long) (speed * 8))));
        return fields.hasProblems()
                ? Optional.empty()
                : rate.flatMap(speed -> limit.flatMap(
                        waiting -> buffer.map(burst -> new Bandwidth(speed, waiting, burst, peakRate, minBurst))));
    }

    private static void refuseHalfAPeak(Fields fields, String given, String missing) {
        if (fields.has(given) && !fields.has(missing)) {
            fields.problem(given, "is ignored by Chaos Mesh without '" + missing + "': expected both or neither");
        }
    }
}
