package io.havoq.ledger;

import static io.havoq.Invariant.CORRUPTION;
import static io.havoq.Invariant.ORDER;
import static io.havoq.Invariant.PHANTOM;
import static io.havoq.Invariant.QOS1_LOSS;
import static io.havoq.Invariant.QOS2_DUPLICATES;
import static io.havoq.Invariant.QOS2_LOSS;
import static io.havoq.Invariant.SESSION_LOST;
import static io.havoq.Invariant.WRONG_SUBSCRIBER;

import io.havoq.Invariant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One pass over a ledger's records that makes the judgement. Each record is seen under its lock; since facts are only ever
 * added, what is judged true of an earlier record is not made false by a later one that is already seen.
 */
final class Audit {
    /** Most serious first. */
    private static final List<Invariant> SEVERITY =
            List.of(QOS2_LOSS, QOS1_LOSS, CORRUPTION, PHANTOM, WRONG_SUBSCRIBER, QOS2_DUPLICATES, ORDER, SESSION_LOST);

    private static final class Row {
        long sent;
        long acknowledged;
        long unknown;
        long refused;
        long delivered;
        long lost;
        long duplicates;
        long outOfOrder;
        long phantom;
        long corrupted;
        long unknownArrived;

        QosCounts counts() {
            return new QosCounts(
                    sent,
                    acknowledged,
                    unknown,
                    refused,
                    delivered,
                    lost,
                    duplicates,
                    outOfOrder,
                    phantom,
                    corrupted,
                    unknownArrived);
        }
    }

    private static final class NodeRow {
        long sent;
        long acknowledged;
        long delivered;
    }

    private final Ledger ledger;
    private final List<Row> rows = List.of(new Row(), new Row(), new Row());
    private final Map<Invariant, Offenders> offenders = new LinkedHashMap<>();
    private final Map<MessageStream, SequenceSet> unknownArrived = new HashMap<>();
    private final Map<String, NodeRow> nodes = new TreeMap<>();
    private final long[] subscriptionsByGrant = new long[3];
    private long subscriptions;
    private long neverInForce;
    private long due;
    private long conflicts;
    private long undependable;
    private long unestablished;
    private long republishedAgain;
    private long dueWhenEnded;
    private long lowered;
    private long retained;

    Audit(Ledger ledger) {
        this.ledger = ledger;
        for (var invariant : SEVERITY) {
            offenders.put(invariant, new Offenders());
        }
        for (var invariant : List.of(CORRUPTION, PHANTOM, WRONG_SUBSCRIBER, SESSION_LOST)) {
            offenders(invariant).count(ledger.offenders(invariant).count());
            offenders(invariant).nameAll(ledger.offenders(invariant));
        }
        for (var qos = 0; qos <= 2; qos++) {
            rows.get(qos).phantom = ledger.phantoms(qos);
            rows.get(qos).corrupted = ledger.corruptions(qos);
        }
    }

    void publisher(RecordedPublisher publisher) {
        synchronized (publisher) {
            conflicts += publisher.conflicts();
            for (var stream : publisher.streams()) {
                var row = rows.get(stream.qos());
                row.sent += stream.sent();
                row.acknowledged += stream.acknowledged().size();
                row.refused += stream.refused().size();
                row.unknown += stream.unknown().size();
                stream.byNode((node, sent, acknowledged) -> {
                    var nodeRow = node(node);
                    nodeRow.sent += sent;
                    nodeRow.acknowledged += acknowledged;
                });
            }
        }
    }

    /** Judges one pair; called with the subscriber's and the publisher's lock held. */
    void arrivals(RecordedSubscriber subscriber, Arrivals pair, int[] grants) {
        var row = rows.get(pair.stream().qos());
        row.delivered += pair.delivered().size();
        row.duplicates += pair.duplicates();
        for (var term = 0; term < pair.terms(); term++) {
            losses(subscriber, pair, pair.after(term), pair.upTo(term), grants[term]);
        }
        inversions(subscriber, pair, row);
        if (pair.stream().qos() == 2 && pair.duplicated().size() > 0) {
            duplicates(subscriber, pair, grants);
        }
        arrivedThough(subscriber, pair, row);
    }

    private void losses(RecordedSubscriber subscriber, Arrivals pair, long after, long upTo, int grant) {
        var stream = pair.stream();
        var effective = Math.min(stream.qos(), grant);
        if (effective > 0) {
            for (var index = (int) ((after + 1) >>> 6); index <= upTo >>> 6; index++) {
                due += Long.bitCount(pair.due(index, after, upTo));
            }
        }
        var lost = pair.missing(after, upTo);
        if (lost == 0) {
            return;
        }
        if (effective == 0 && stream.qos() > 0) {
            undependable += lost;
            return;
        }
        rows.get(stream.qos()).lost += lost;
        if (effective == 0) {
            return;
        }
        var kind = offenders(effective == 1 ? QOS1_LOSS : QOS2_LOSS);
        kind.count(lost);
        for (var index = (int) ((after + 1) >>> 6); index <= upTo >>> 6; index++) {
            for (var bits = pair.missing(index, after, upTo); bits != 0; bits &= bits - 1) {
                var sequence = ((long) index << 6) + Long.numberOfTrailingZeros(bits);
                var sentAt = ledger.times().nanos(stream.sentAt(sequence));
                if (!kind.names(sentAt)) {
                    return; // send times only grow along a stream
                }
                kind.name(
                        sentAt,
                        ledger.text(stream, sequence) + ", never delivered to " + subscriber + ", then on "
                                + subscriber.node(sentAt));
            }
        }
    }

    private void inversions(RecordedSubscriber subscriber, Arrivals pair, Row row) {
        var stream = pair.stream();
        var kind = offenders(ORDER);
        for (var i = 0; i < pair.inversions(); i++) {
            var inversion = pair.inversion(i);
            var sequence = inversion.sequence();
            if (!(stream.qos() > 0 && stream.acknowledged().contains(sequence))
                    && !stream.sameConnection(sequence, inversion.later())) {
                unestablished++;
                continue;
            }
            row.outOfOrder++;
            kind.count(1);
            if (kind.names(inversion.atNanos())) {
                kind.name(
                        inversion.atNanos(),
                        ledger.text(stream, sequence) + ", first delivered "
                                + ledger.times().text(inversion.atNanos()) + ", after message " + inversion.later()
                                + ", to " + subscriber + " on " + subscriber.node(inversion.atNanos()));
            }
        }
    }

    private void duplicates(RecordedSubscriber subscriber, Arrivals pair, int[] grants) {
        var stream = pair.stream();
        var kind = offenders(QOS2_DUPLICATES);
        var duplicated = pair.duplicated();
        for (var next = duplicated.next(1); next > 0; next = duplicated.next(next + 1)) {
            var term = pair.term(next);
            if ((term >= 0 ? grants[term] : subscriber.lowestGrant()) < 2) {
                continue;
            }
            if (stream.republished().contains(next)) {
                republishedAgain++;
                continue;
            }
            kind.count(1);
            var again = pair.cameAgainAt(next);
            var at = again == 0 ? ledger.times().nanos(stream.sentAt(next)) : again;
            if (kind.names(at)) {
                kind.name(
                        at,
                        ledger.text(stream, next) + ", delivered again "
                                + (again == 0 ? "" : ledger.times().text(again) + " ") + "to " + subscriber + " on "
                                + subscriber.node(at));
            }
        }
    }

    private void arrivedThough(RecordedSubscriber subscriber, Arrivals pair, Row row) {
        var stream = pair.stream();
        var kind = offenders(PHANTOM);
        var refused = stream.refusedAtOnce();
        for (var next = refused.size() == 0 ? -1 : refused.next(1); next > 0; next = refused.next(next + 1)) {
            if (pair.delivered().contains(next)) {
                row.phantom++;
                kind.count(1);
                var sentAt = ledger.times().nanos(stream.sentAt(next));
                if (kind.names(sentAt)) {
                    kind.name(
                            sentAt,
                            ledger.text(stream, next) + ", and delivered all the same to " + subscriber + ", then on "
                                    + subscriber.node(sentAt));
                }
            }
        }
        var unknown = stream.unknown();
        for (var next = unknown.size() == 0 ? -1 : unknown.next(1); next > 0; next = unknown.next(next + 1)) {
            if (pair.delivered().contains(next)
                    && unknownArrived
                            .computeIfAbsent(stream, any -> new SequenceSet())
                            .add(next)) {
                row.unknownArrived++;
            }
        }
    }

    /** Deliveries with a QoS above every grant. */
    void raised(int publishedQos, long count) {
        rows.get(publishedQos).corrupted += count;
        offenders(CORRUPTION).count(count);
    }

    void raisedFirst(Offenders first) {
        offenders(CORRUPTION).nameAll(first);
    }

    private Offenders offenders(Invariant invariant) {
        return Objects.requireNonNull(offenders.get(invariant));
    }

    void subscriber(
            boolean everInForce,
            int[] granted,
            long dueWhenEnded,
            long lowered,
            long retained,
            Map<String, long[]> deliveriesByNode) {
        subscriptions++;
        neverInForce += everInForce ? 0 : 1;
        if (granted.length > 0) {
            subscriptionsByGrant[granted[granted.length - 1]]++;
        }
        this.dueWhenEnded += dueWhenEnded;
        this.lowered += lowered;
        this.retained += retained;
        deliveriesByNode.forEach((node, count) -> node(node).delivered += count[0]);
    }

    private NodeRow node(String node) {
        return nodes.computeIfAbsent(node, any -> new NodeRow());
    }

    long due() {
        return due;
    }

    Judgement judgement() {
        var violations = new ArrayList<LedgerViolation>();
        offenders.forEach((invariant, found) -> {
            if (found.count() > 0) {
                violations.add(new LedgerViolation(invariant, found.count(), found.first()));
            }
        });
        return new Judgement(
                Map.of(
                        0,
                        rows.get(0).counts(),
                        1,
                        rows.get(1).counts(),
                        2,
                        rows.get(2).counts()),
                violations,
                warnings());
    }

    private List<String> warnings() {
        var warnings = new ArrayList<String>();
        var qos1 = rows.get(1);
        warn(
                warnings,
                qos1.duplicates,
                "further deliveries at QoS 1 (%s of %d), which MQTT allows (5.0, 4.3.2)"
                        .formatted(share(qos1.duplicates, qos1.delivered), qos1.delivered));
        for (var grant = 0; grant < 2; grant++) {
            warn(
                    warnings,
                    subscriptionsByGrant[grant],
                    "of " + subscriptions + " subscriptions were granted QoS " + grant
                            + " only, and judged as granted");
        }
        warn(
                warnings,
                neverInForce,
                "of " + subscriptions + " subscriptions were never in force: nothing was due there");
        warn(warnings, undependable, "messages above QoS 0 did not reach subscriptions that were granted QoS 0");
        warn(
                warnings,
                lowered,
                "deliveries came with a lower QoS than the lesser of publish and grant (against MQTT 5.0, 3.8.4-8)");
        warn(
                warnings,
                unestablished,
                "messages came after later ones of another connection, in an order that no acknowledgement establishes");
        warn(
                warnings,
                republishedAgain,
                "messages came twice at QoS 2 that their publisher may have sent twice, its session being gone");
        warn(warnings, dueWhenEnded, "deliveries were still due when their subscription ended, and are not judged");
        warn(warnings, retained, "messages came as retained ones; they count as arrived only");
        warn(
                warnings,
                conflicts,
                "outcomes contradicted or repeated an earlier one of the same message, and were ignored");
        warn(warnings, ledger.foreign().count(), "foreign messages under topics that this run does not publish to");
        warnings.addAll(ledger.foreign().first());
        warnings.addAll(ledger.reasons().lines());
        return warnings;
    }

    private static void warn(List<String> warnings, long count, String what) {
        if (count > 0) {
            warnings.add(count + " " + what);
        }
    }

    private static String share(long part, long whole) {
        return whole == 0 ? "none" : String.format(Locale.ROOT, "%.2f %%", 100.0 * part / whole);
    }

    List<String> extract(int lines) {
        var judgement = judgement();
        var all = new ArrayList<String>();
        all.add(
                "QoS        sent acknowledged    unknown    refused  delivered       lost duplicates outOfOrder    phantom"
                        + "  corrupted unknownArrived");
        for (var qos = 0; qos <= 2; qos++) {
            var row = rows.get(qos);
            all.add(String.format(
                    Locale.ROOT,
                    "%-3d %11d %12d %10d %10d %10d %10d %10d %10d %10d %10d %14d",
                    qos,
                    row.sent,
                    row.acknowledged,
                    row.unknown,
                    row.refused,
                    row.delivered,
                    row.lost,
                    row.duplicates,
                    row.outOfOrder,
                    row.phantom,
                    row.corrupted,
                    row.unknownArrived));
        }
        all.add("due at QoS 1 and 2: " + due + " deliveries, outstanding at publishers: " + ledger.outstanding());
        for (var violation : judgement.violations()) {
            all.add("violation " + violation.invariant().word() + ": " + violation.count());
            violation.first().forEach(line -> all.add("  " + line));
        }
        judgement.warnings().forEach(warning -> all.add("note: " + warning));
        nodes.forEach((name, row) -> all.add("node " + name + ": " + row.sent + " sent to it, " + row.acknowledged
                + " of them acknowledged, " + row.delivered + " delivered by it"));
        if (all.size() <= lines) {
            return all;
        }
        var kept = new ArrayList<>(all.subList(0, Math.max(0, lines - 1)));
        kept.add((all.size() - kept.size()) + " more lines left off");
        return kept;
    }
}
