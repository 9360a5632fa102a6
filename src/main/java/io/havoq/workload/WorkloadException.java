package io.havoq.workload;

import org.jspecify.annotations.Nullable;

/** The load could not be set up. The message says how far it came, which endpoint failed and why. */
public final class WorkloadException extends RuntimeException {
    /** Creates it. */
    public WorkloadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
