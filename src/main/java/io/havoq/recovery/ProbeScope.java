package io.havoq.recovery;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The names that the probes of one experiment use in the broker: topics below {@code havoq/<run>/<experiment>/probe} and client
 * identifiers that no other probe, run or experiment uses. Thread-safe.
 */
public final class ProbeScope {
    private static final AtomicInteger CLIENTS = new AtomicInteger();

    private final String run;
    private final String experiment;

    /**
     * A scope; characters that topics or brokers treat specially become hyphens.
     *
     * @param runId unique among runs that may use the same broker
     * @param experiment unique within the run
     */
    public ProbeScope(String runId, String experiment) {
        this.run = word(runId);
        this.experiment = word(experiment);
    }

    /** A topic; the words are separated by slashes. */
    String topic(String words) {
        return "havoq/" + run + "/" + experiment + "/probe/" + words;
    }

    /** A client identifier that was not used before. */
    String clientId(String purpose) {
        return "havoq-" + run + "-" + experiment + "-" + purpose + "-" + CLIENTS.incrementAndGet();
    }

    private static String word(String text) {
        var word = text.replaceAll("[^A-Za-z0-9_.-]+", "-");
        if (word.isEmpty()) {
            throw new IllegalArgumentException("a probe's run and experiment must not be empty");
        }
        return word;
    }
}
