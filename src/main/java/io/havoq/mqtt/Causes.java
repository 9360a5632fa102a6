package io.havoq.mqtt;

import java.util.ArrayDeque;
import java.util.concurrent.CompletionException;

/** Writes why a connection or a publish failed: the messages from the outermost exception to its root, each once. */
final class Causes {
    private Causes() {}

    static String text(Throwable error) {
        var parts = new ArrayDeque<String>();
        for (var cause = error; cause != null && parts.size() < 5; cause = cause.getCause()) {
            var message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            if (!(cause instanceof CompletionException)
                    && (parts.isEmpty() || !parts.getLast().contains(message))) {
                parts.add(message);
            }
        }
        return String.join(": ", parts);
    }
}
