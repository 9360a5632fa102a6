package io.havoq;

/** Nothing could be shown: no proof that the fault acted, no load, or something broke that is not the broker's doing. */
public final class InconclusiveException extends RuntimeException {
    public InconclusiveException(String message) {
        super(message);
    }

    public InconclusiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
