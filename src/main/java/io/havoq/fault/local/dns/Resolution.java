package io.havoq.fault.local.dns;

import io.havoq.fault.local.dns.Question.Asked;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** The answers that one node gets: the zone's, or those of the faults imposed on it. Thread-safe. */
final class Resolution {
    private static final int TYPE_A = 1;
    private static final int TYPE_PTR = 12;
    private static final int TYPE_AAAA = 28;
    private static final int CLASS_INTERNET = 1;
    private static final int OPCODE_QUERY = 0;
    private static final int TIME_TO_LIVE = 5;
    private static final int FAULT_TIME_TO_LIVE = 10;
    /** chaos.go, chaosDNS: the one address that "random" gives for AAAA. */
    private static final byte[] FIXED_ADDRESS = {
        0x20, 0x1, 0xd, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0x1, 0x23, 0, 0x12, 0, 0x1
    };

    private final String node;
    private final long seed;
    private final Map<String, Imposed> imposed = new LinkedHashMap<>();
    private final Map<String, Imposed> ever = new LinkedHashMap<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong faulted = new AtomicLong();
    private int rotation;

    private record Imposed(DnsFault fault, SplittableRandom random, AtomicLong answered, AtomicLong faulted) {}

    Resolution(String node, long seed) {
        this.node = node;
        this.seed = seed;
    }

    synchronized void impose(String rule, DnsFault fault) {
        if (imposed.containsKey(rule)) {
            throw new IllegalArgumentException("the DNS fault " + rule + " is imposed on " + node + " already");
        }
        // Of the rule and the node alone, so that the addresses do not depend on what other nodes ask.
        var random = new SplittableRandom(seed ^ ((long) rule.hashCode() << 32 | (node.hashCode() & 0xffffffffL)));
        var made = new Imposed(fault, random, new AtomicLong(), new AtomicLong());
        imposed.put(rule, made);
        ever.put(rule, made);
    }

    synchronized void lift(String rule) {
        imposed.remove(rule);
    }

    DnsCounters counters() {
        return new DnsCounters(answered.get(), faulted.get());
    }

    synchronized DnsCounters counters(String rule) {
        var known = ever.get(rule);
        if (known == null) {
            throw new IllegalArgumentException("no DNS fault " + rule + " was imposed on " + node);
        }
        return new DnsCounters(known.answered.get(), known.faulted.get());
    }

    synchronized Answer answer(Question question, Zone zone) {
        answered.incrementAndGet();
        var asked = question.asked();
        if (question.opcode() != OPCODE_QUERY) {
            return Answer.of(Answer.NOT_IMPLEMENTED);
        }
        if (asked == null) {
            return Answer.of(Answer.FORMAT_ERROR);
        }
        Imposed newest = null;
        for (var rule : imposed.values()) {
            rule.answered.incrementAndGet();
            if (rule.fault.names().matches(asked.name())) {
                newest = rule;
            }
        }
        if (newest != null) {
            newest.faulted.incrementAndGet();
            faulted.incrementAndGet();
            return faulty(asked, newest);
        }
        return asked.recordClass() == CLASS_INTERNET ? regular(asked, zone) : Answer.of(Answer.REFUSED);
    }

    private Answer faulty(Asked asked, Imposed rule) {
        if (rule.fault.action() == DnsFault.Action.ERROR) {
            return Answer.of(Answer.SERVER_FAILURE);
        }
        return switch (asked.type()) {
            case TYPE_A -> {
                var octets = new byte[4];
                for (int i = 0; i < octets.length; i++) {
                    octets[i] = (byte) rule.random.nextInt(255);
                }
                yield new Answer(Answer.NO_ERROR, List.of(octets), FAULT_TIME_TO_LIVE);
            }
            case TYPE_AAAA -> new Answer(Answer.NO_ERROR, List.of(FIXED_ADDRESS), FAULT_TIME_TO_LIVE);
            default -> Answer.of(Answer.SERVER_FAILURE);
        };
    }

    private Answer regular(Asked asked, Zone zone) {
        if (!zone.exists(asked.name())) {
            return Answer.of(Answer.NAME_ERROR);
        }
        return switch (asked.type()) {
            case TYPE_A -> Answer.addresses(rotated(zone.addresses(asked.name())), TIME_TO_LIVE);
            case TYPE_PTR ->
                zone.pointer(asked.name())
                        .map(name -> Answer.name(name, TIME_TO_LIVE))
                        .orElse(Answer.of(Answer.NO_ERROR));
            default -> Answer.of(Answer.NO_ERROR);
        };
    }

    /** Another address first each time, as CoreDNS' loadbalance does, but not at random. */
    private List<Inet4Address> rotated(List<Inet4Address> addresses) {
        var turned = new ArrayList<>(addresses);
        Collections.rotate(turned, -(rotation++ & 0xffff));
        return turned;
    }
}
