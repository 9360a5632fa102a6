package io.havoq.manifest;

import io.havoq.manifest.Netem.Corrupt;
import io.havoq.manifest.Netem.Delay;
import io.havoq.manifest.Netem.Duplicate;
import io.havoq.manifest.Netem.Loss;
import io.havoq.manifest.Netem.Rate;
import io.havoq.manifest.Netem.Reorder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Reads what netem does: the sections delay, loss, duplicate, corrupt and rate (Chaos Mesh {@code TcParameter}). */
final class NetemReader {
    private record Share(double percent, double correlation) {}

    private NetemReader() {}

    /** As much as can be read; what is wrong with the rest is a problem of the reading. */
    static Netem read(Fields spec) {
        return new Netem(
                spec.mapping("delay").flatMap(NetemReader::delay),
                section(spec, "loss").map(share -> new Loss(share.percent(), share.correlation())),
                section(spec, "duplicate").map(share -> new Duplicate(share.percent(), share.correlation())),
                section(spec, "corrupt").map(share -> new Corrupt(share.percent(), share.correlation())),
                spec.mapping("rate").flatMap(NetemReader::rate));
    }

    private static Optional<Share> section(Fields spec, String name) {
        return spec.mapping(name).flatMap(fields -> {
            var share = share(fields, name);
            fields.refuseOthers(Map.of());
            return share;
        });
    }

    private static Optional<Share> share(Fields fields, String name) {
        fields.require(name, "a percentage in quotes, e.g. \"20\"");
        var percent = fields.text(name, Percentage.SHARE).map(Percentage::parse);
        var correlation = correlation(fields);
        return percent.map(given -> new Share(given, correlation));
    }

    private static double correlation(Fields fields) {
        return fields.text("correlation", Percentage.RULE)
                .map(Percentage::parse)
                .orElse(0.0);
    }

    private static Optional<Delay> delay(Fields fields) {
        fields.require("latency", "how much later packets arrive, e.g. 100ms");
        var latency = fields.text("latency", Latency.MORE_THAN_ZERO).map(Latency::parse);
        var givenJitter = fields.text("jitter", Latency.RULE).map(Latency::parse);
        var jitter = givenJitter.orElse(Duration.ZERO);
        var correlation = correlation(fields);
        var reorder = fields.mapping("reorder").flatMap(NetemReader::reorder);
        fields.refuseOthers(Map.of("gap", "belongs into 'reorder': move it there"));
        if (correlation > 0 && jitter.isZero() && (givenJitter.isPresent() || !fields.has("jitter"))) {
            fields.problem(
                    "correlation",
                    "is ignored by Chaos Mesh without jitter, every packet is delayed alike: expected 'jitter', or no"
                            + " correlation");
        }
        return latency.map(time -> new Delay(time, jitter, jitter.isZero() ? 0 : correlation, reorder));
    }

    private static Optional<Reorder> reorder(Fields fields) {
        var share = share(fields, "reorder");
        fields.require("gap", "every how many packets one may be sent at once, 0 or 1 for each of them");
        var gap = fields.count("gap");
        fields.refuseOthers(Map.of());
        return share.flatMap(given -> gap.map(packets -> new Reorder(given.percent(), given.correlation(), packets)));
    }

    private static Optional<Rate> rate(Fields fields) {
        fields.require("rate", "the speed of the link, e.g. 1mbit");
        var rate = fields.text("rate", ByteRate.RULE).map(ByteRate::parse);
        fields.refuseOthers(Map.of(
                "limit", "belongs to the action bandwidth: remove it",
                "buffer", "belongs to the action bandwidth: remove it"));
        return rate.map(Rate::new);
    }
}
