package io.havoq.environment.kubernetes;

import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.Selection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** In which namespaces a fault selects pods, as far as it says; where it does not, it is its own. */
final class Namespaces {
    private Namespaces() {}

    static Set<String> of(ChaosSpec spec) {
        var namespaces = new TreeSet<String>();
        Stream.concat(Stream.of(spec.selection()), spec.target().stream())
                .map(Selection::selector)
                .forEach(selector -> {
                    namespaces.addAll(selector.namespaces());
                    namespaces.addAll(selector.pods().keySet());
                });
        return namespaces;
    }
}
