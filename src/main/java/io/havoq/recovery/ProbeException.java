package io.havoq.recovery;

/** A probe could not do its work, so that it shows nothing; the message says what, where, what was expected and the next step. */
public final class ProbeException extends RuntimeException {
    public ProbeException(String message) {
        super(message);
    }

    public ProbeException(String message, Throwable cause) {
        super(message, cause);
    }
}
