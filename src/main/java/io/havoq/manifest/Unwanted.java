package io.havoq.manifest;

import java.util.Map;

/** Fields that people write and that Chaos Mesh drops without a word, with what to write instead. */
final class Unwanted {
    /** Wherever they stand. */
    static final Map<String, String> EVERYWHERE = Map.of(
            "scheduler",
            "is dropped silently by Chaos Mesh since 2.0, the fault would happen once: remove it and let the test"
                    + " repeat the fault, e.g. -Dhavoq.repeat=5m/1h",
            "<<",
            "merge keys are not read: write the fields out");

    /** At the top of a document. */
    static final Map<String, String> TOP = Map.of("status", "is written by Chaos Mesh, not by users: remove it");

    /** In {@code metadata}. */
    static final Map<String, String> METADATA = Map.of(
            "generateName", "is not needed: give metadata.name, Havoq makes each injection's name unique by itself");

    private Unwanted() {}
}
