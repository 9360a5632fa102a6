package io.havoq.manifest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Answers DNS questions of pods wrongly.
 *
 * @param containerNames whose questions; empty: the first container's
 * @param patterns the names that are hit, see {@link DnsPattern}; empty: every name
 */
public record DnsChaos(
        String name,
        Action dnsAction,
        Selection selection,
        List<String> containerNames,
        List<String> patterns,
        Optional<Duration> duration)
        implements ChaosSpec {

    /** Copies the lists, and refuses patterns that would match nothing. */
    public DnsChaos {
        containerNames = List.copyOf(containerNames);
        patterns = List.copyOf(patterns);
        patterns.forEach(DnsPattern::new);
    }

    /** {@code spec.action} (Chaos Mesh {@code k8s_dns_chaos}, {@code chaos.go}). */
    public enum Action {
        /** SERVFAIL, whatever is asked. */
        ERROR("error"),
        /** A: a random address; AAAA: always 2001:db8::123:12:1; SERVFAIL to every other question. */
        RANDOM("random");

        private final String text;

        Action(String text) {
            this.text = text;
        }

        /** As a manifest writes it. */
        public String text() {
            return text;
        }
    }

    /** Whether questions for this name are answered wrongly. */
    public boolean affects(String asked) {
        return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> new DnsPattern(pattern).matches(asked));
    }

    @Override
    public String kind() {
        return "DNSChaos";
    }

    @Override
    public String action() {
        return dnsAction.text();
    }

    @Override
    public DnsChaos withSelection(Selection other) {
        return new DnsChaos(name, dnsAction, other, containerNames, patterns, duration);
    }
}
