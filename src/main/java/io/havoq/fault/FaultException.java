package io.havoq.fault;

/** A fault could not be injected or removed; the message says which, on what, and the next step. */
public final class FaultException extends RuntimeException {
    public FaultException(String message) {
        super(message);
    }

    public FaultException(String message, Throwable cause) {
        super(message, cause);
    }
}
