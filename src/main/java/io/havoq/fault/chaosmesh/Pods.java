package io.havoq.fault.chaosmesh;

import java.util.Optional;

/** Reads pods from the API server. */
final class Pods {
    private final ClusterApi api;

    Pods(ClusterApi api) {
        this.api = api;
    }

    /** The pod now; empty if there is none of that name. */
    Optional<PodView> find(String namespace, String name) {
        return api.find(PodView.request(namespace, name)).map(PodView::of);
    }

    /** The same, asked again while it may help. */
    Optional<PodView> findPatiently(String namespace, String name) {
        return api.findPatiently(PodView.request(namespace, name)).map(PodView::of);
    }
}
