package io.havoq.fault;

/** A fault could not be injected or removed; the message says which, on what, and the next step. */
public final class FaultException extends RuntimeException {
    private final boolean leaving;

    public FaultException(String message) {
        super(message);
        leaving = false;
    }

    public FaultException(String message, Throwable cause) {
        this(message, cause, cause instanceof FaultException fault && fault.leaving);
    }

    private FaultException(String message, Throwable cause, boolean leaving) {
        super(message, cause);
        this.leaving = leaving;
    }

    /** Of a failed injection that could not be undone either. */
    public static FaultException leaving(String message, Throwable cause) {
        return new FaultException(message, cause, true);
    }

    /** Whether a failed injection has left something that could not be removed. */
    public boolean leavesSomething() {
        return leaving;
    }
}
