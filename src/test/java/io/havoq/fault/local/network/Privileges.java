package io.havoq.fault.local.network;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Whether the JVM that runs the tests may make namespaces: as root only; {@link NetworkProcessTest} needs no root. */
final class Privileges {
    private Privileges() {}

    static void assumeNamespaces() {
        var refusal = refusal();
        assumeTrue(refusal == null, () -> "not run, needs a JVM that may make network namespaces: " + refusal);
    }

    private static @Nullable String refusal() {
        var entered = new CompletableFuture<@Nullable String>();
        var thread = new Thread(
                () -> {
                    try {
                        NetworkNamespace.enter();
                        entered.complete(null);
                    } catch (IOException e) {
                        // Any other failure is the tests' to find.
                        entered.complete(
                                String.valueOf(e.getMessage()).startsWith("cannot make a network namespace")
                                        ? e.getMessage()
                                        : null);
                    }
                },
                "namespace-probe");
        thread.setUncaughtExceptionHandler((ended, failure) -> entered.completeExceptionally(failure));
        thread.start();
        return entered.join();
    }
}
