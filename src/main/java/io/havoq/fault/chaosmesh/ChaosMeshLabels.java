package io.havoq.fault.chaosmesh;

/** Labels: placeholder. */
public final class ChaosMeshLabels {
    /** Who made it. */
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    /** Which run. */
    public static final String RUN = "havoq.io/run";
    /** Which experiment. */
    public static final String EXPERIMENT = "havoq.io/experiment";

    private ChaosMeshLabels() {}
}
