package io.havoq.fault;

import java.util.Optional;

/** A fault could not be injected or removed; the message says which, on what, and the next step. */
public final class FaultException extends RuntimeException {
    private final boolean leaving;
    private final transient Optional<Injection> remains;

    public FaultException(String message) {
        super(message);
        leaving = false;
        remains = Optional.empty();
    }

    public FaultException(String message, Throwable cause) {
        this(
                message,
                cause,
                cause instanceof FaultException fault && fault.leaving,
                cause instanceof FaultException fault ? fault.remains : Optional.empty());
    }

    private FaultException(String message, Throwable cause, boolean leaving, Optional<Injection> remains) {
        super(message, cause);
        this.leaving = leaving;
        this.remains = remains;
    }

    /** Of a failed injection that could not be undone either. */
    public static FaultException leaving(String message, Throwable cause) {
        return new FaultException(message, cause, true, Optional.empty());
    }

    /** Of an injection that failed and was undone, but may have acted on some targets: whether that is gone has to be looked for. */
    public static FaultException remaining(String message, Throwable cause, Injection undone) {
        var leaves = cause instanceof FaultException fault && fault.leaving;
        return new FaultException(message, cause, leaves, Optional.of(undone));
    }

    /** A failed injection whose effect may still have to go; it has been removed, as far as an engine can. */
    public Optional<Injection> remains() {
        return remains;
    }

    /** Whether a failed injection has left something that could not be removed. */
    public boolean leavesSomething() {
        return leaving;
    }
}
