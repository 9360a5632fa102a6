package io.havoq.fault.local.network;

import io.havoq.fault.local.probe.Reading;
import io.havoq.fault.local.probe.Train;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The network's questions and answers as words: what {@link NetworkControl} and {@link NetworkService} say to each other. */
final class Wire {
    private static final String NONE = "-";
    private static final String NEXT = "|";

    private Wire() {}

    /** A pair and what happens to its packets, in one word list joined by spaces. */
    static String of(Pair pair, List<Impairment> impairments) {
        var words = new ArrayList<>(List.of(pair.source(), pair.destination()));
        for (var impairment : impairments) {
            words.add(NEXT);
            words.addAll(impairment.fields());
        }
        return String.join(" ", words);
    }

    static Map.Entry<Pair, List<Impairment>> impairments(String text) {
        var words = List.of(text.split(" ", -1));
        var impairments = new ArrayList<Impairment>();
        for (int i = 2; i < words.size(); ) {
            int end = i + 1;
            while (end < words.size() && !words.get(end).equals(NEXT)) {
                end++;
            }
            impairments.add(Impairment.parse(words.subList(i + 1, end)));
            i = end;
        }
        return Map.entry(new Pair(words.get(0), words.get(1)), List.copyOf(impairments));
    }

    static List<String> of(Map<Pair, PairCounters> counters) {
        var lines = new ArrayList<String>();
        counters.forEach((pair, figures) ->
                lines.add(pair.source() + " " + pair.destination() + " " + String.join(" ", figures.fields())));
        return lines;
    }

    static Map<Pair, PairCounters> counters(List<String> lines) {
        var counters = new LinkedHashMap<Pair, PairCounters>();
        for (var line : lines) {
            var words = List.of(line.split(" ", -1));
            counters.put(new Pair(words.get(0), words.get(1)), PairCounters.parse(words.subList(2, words.size())));
        }
        return counters;
    }

    static List<String> of(SwitchHealth health) {
        var words = new ArrayList<String>();
        for (var spread : List.of(health.lateness(), health.transit())) {
            for (var figure : List.of(spread.count(), spread.p50(), spread.p99(), spread.max())) {
                words.add(Long.toString(figure));
            }
        }
        for (var figure : List.of(
                health.writeFailures(), health.overruns(), health.queueDrops(), health.unknown(), health.foreign())) {
            words.add(Long.toString(figure));
        }
        words.addAll(health.failures());
        return words;
    }

    static SwitchHealth health(List<String> words) {
        return new SwitchHealth(
                spread(words, 0),
                spread(words, 4),
                number(words, 8),
                number(words, 9),
                number(words, 10),
                number(words, 11),
                number(words, 12),
                words.subList(13, words.size()));
    }

    private static SwitchHealth.Spread spread(List<String> words, int from) {
        return new SwitchHealth.Spread(
                number(words, from), number(words, from + 1), number(words, from + 2), number(words, from + 3));
    }

    private static long number(List<String> words, int index) {
        return Long.parseLong(words.get(index));
    }

    static List<String> of(Reading reading) {
        var words = new ArrayList<>(List.of(reading.source(), reading.destination()));
        for (var figure : List.of(
                reading.sent(),
                reading.unsent(),
                reading.arrived(),
                reading.answered(),
                reading.unanswered(),
                reading.duplicates(),
                reading.corrupted(),
                reading.reordered(),
                reading.unechoed())) {
            words.add(Integer.toString(figure));
        }
        words.add(text(reading.p50()));
        words.add(text(reading.max()));
        words.add(reading.lastFailure());
        return words;
    }

    static Reading reading(List<String> words) {
        var figures = words.subList(2, 11).stream().mapToInt(Integer::parseInt).toArray();
        return new Reading(
                words.get(0),
                words.get(1),
                figures[0],
                figures[1],
                figures[2],
                figures[3],
                figures[4],
                figures[5],
                figures[6],
                figures[7],
                figures[8],
                duration(words.get(11)),
                duration(words.get(12)),
                words.get(13));
    }

    private static String text(@Nullable Duration duration) {
        return duration == null ? NONE : duration.toString();
    }

    private static @Nullable Duration duration(String text) {
        return text.equals(NONE) ? null : Duration.parse(text);
    }

    static List<String> of(Train train) {
        return List.of(
                Integer.toString(train.sent()),
                Integer.toString(train.arrived()),
                Double.toString(train.bytesPerSecond()));
    }

    static Train train(Pair pair, List<String> words) {
        return new Train(
                pair.source(),
                pair.destination(),
                Integer.parseInt(words.get(0)),
                Integer.parseInt(words.get(1)),
                Double.parseDouble(words.get(2)));
    }
}
