package io.havoq.fault.chaosmesh;

import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.PodChaos;
import java.util.Arrays;
import java.util.Locale;

/** The kinds of Chaos Mesh's objects that Havoq makes ({@code api/v1alpha1}); their plural is the kind in lower case. */
enum ChaosKind {
    POD("PodChaos", false),
    NETWORK("NetworkChaos", false),
    DNS("DNSChaos", true),
    TIME("TimeChaos", true),
    STRESS("StressChaos", true),
    IO("IOChaos", true),
    /** Never made, but looked for. */
    KERNEL("KernelChaos", false);

    /** {@code apiVersion} of them all. */
    static final String API_VERSION = "chaos-mesh.org/v1alpha1";

    private final String text;
    private final boolean ofContainers;

    ChaosKind(String text, boolean ofContainers) {
        this.text = text;
        this.ofContainers = ofContainers;
    }

    static ChaosKind of(ChaosSpec spec) {
        return Arrays.stream(values())
                .filter(kind -> kind.text.equals(spec.kind()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(spec.kind() + " is no kind of Chaos Mesh"));
    }

    /** Whether it is over as soon as it happened (Chaos Mesh {@code PodChaos.IsOneShot}). */
    static boolean oneShot(ChaosSpec spec) {
        return spec instanceof PodChaos pod && pod.podAction() != PodChaos.Action.POD_FAILURE;
    }

    /** Whether its records are {@code namespace/pod/container} instead of {@code namespace/pod}. */
    static boolean hitsContainers(ChaosSpec spec) {
        return of(spec).ofContainers
                || (spec instanceof PodChaos pod && pod.podAction() == PodChaos.Action.CONTAINER_KILL);
    }

    String text() {
        return text;
    }

    String plural() {
        return text.toLowerCase(Locale.ROOT);
    }

    /** As {@code kubectl} takes it. */
    String resource() {
        return plural() + ".chaos-mesh.org";
    }

    /** The path of all of them in a namespace. */
    String path(String namespace) {
        return "/apis/" + API_VERSION + "/namespaces/" + namespace + "/" + plural();
    }
}
