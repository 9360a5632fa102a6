package io.havoq.environment;

/** The environment could not do what was asked: the message says what, where, what was expected and the next step. */
public final class EnvironmentException extends RuntimeException {
    public EnvironmentException(String message) {
        super(message);
    }

    public EnvironmentException(String message, Throwable cause) {
        super(message, cause);
    }
}
