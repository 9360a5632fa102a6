package io.havoq.environment.kubernetes;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A time in a pod's status: by the cluster's clock, in whole seconds. */
final class KubeletTime {
    private KubeletTime() {}

    /** Nothing where a runtime wrote no time; the zero time of Go, or the epoch, is none either. */
    static Optional<Instant> of(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text)).filter(at -> at.isAfter(Instant.EPOCH));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
