package io.havoq.fault.chaosmesh;

/** The labels of every chaos object that Havoq makes: by them the next run finds what this one left. */
public final class ChaosMeshLabels {
    /** Who made it: {@value #HAVOQ}. */
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    /** The value of {@link #MANAGED_BY}. */
    public static final String HAVOQ = "havoq";

    /** In which run. */
    public static final String RUN = "havoq.io/run";

    /** For which experiment. */
    public static final String EXPERIMENT = "havoq.io/experiment";

    private ChaosMeshLabels() {}

    /** The text as a label's value: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends. */
    static String value(String text) {
        var clean = text.replaceAll("[^A-Za-z0-9_.-]+", "-");
        var cut = clean.substring(0, Math.min(63, clean.length()));
        return cut.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
    }
}
