package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Locale;

/** Where the API server has the objects of a kind of Chaos Mesh: the plural is the kind in lower case. */
final class ChaosObjects {
    static final String GROUP = "chaos-mesh.org";
    static final String VERSION = "v1alpha1";

    private ChaosObjects() {}

    static String plural(String kind) {
        return kind.toLowerCase(Locale.ROOT);
    }

    static ResourceDefinitionContext of(String kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(GROUP)
                .withVersion(VERSION)
                .withKind(kind)
                .withPlural(plural(kind))
                .withNamespaced(true)
                .build();
    }
}
