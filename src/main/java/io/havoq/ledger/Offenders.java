package io.havoq.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Counts the offenders of one kind and keeps the first few, by time. Thread-safe. */
final class Offenders {
    /** So many are named. */
    static final int NAMED = 5;

    private record Offender(long atNanos, String text) {}

    private final List<Offender> first = new ArrayList<>();
    private long count;

    /** True if an offender of this time would be among those named: its text is worth making. */
    synchronized boolean names(long atNanos) {
        return first.size() < NAMED || atNanos - first.get(first.size() - 1).atNanos() < 0;
    }

    synchronized void count(long more) {
        count += more;
    }

    synchronized void name(long atNanos, String text) {
        first.add(new Offender(atNanos, text));
        first.sort(Comparator.comparingLong(Offender::atNanos));
        if (first.size() > NAMED) {
            first.remove(NAMED);
        }
    }

    /** Names those that another one names; counts nothing. */
    void nameAll(Offenders others) {
        for (var offender : others.copy()) {
            if (names(offender.atNanos())) {
                name(offender.atNanos(), offender.text());
            }
        }
    }

    private synchronized List<Offender> copy() {
        return List.copyOf(first);
    }

    synchronized void add(long atNanos, String text) {
        count++;
        if (names(atNanos)) {
            name(atNanos, text);
        }
    }

    synchronized long count() {
        return count;
    }

    synchronized List<String> first() {
        return first.stream().map(Offender::text).toList();
    }
}
