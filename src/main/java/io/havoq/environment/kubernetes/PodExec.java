package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.environment.EnvironmentException;
import io.havoq.time.GoDuration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs commands in containers, each within a bound. */
record PodExec(KubernetesClient client, String namespace) {
    /** @throws EnvironmentException if it did not end in time, or could not be run */
    ExecResult run(String pod, String container, Duration bound, List<String> command) {
        var output = new ByteArrayOutputStream();
        var errors = new ByteArrayOutputStream();
        var what = "the command " + command + " in " + pod + "/" + container;
        try (var running = client.pods()
                .inNamespace(namespace)
                .withName(pod)
                .inContainer(container)
                .withReadyWaitTimeout(0)
                .writingOutput(output)
                .writingError(errors)
                .exec(command.toArray(String[]::new))) {
            var code = running.exitCode().get(bound.toNanos(), TimeUnit.NANOSECONDS);
            if (code == null || code < 0) {
                throw new EnvironmentException(what + " ended without an exit code; it said: " + text(errors));
            }
            return new ExecResult(code, text(output), text(errors));
        } catch (TimeoutException e) {
            throw new EnvironmentException(
                    what + " did not end within " + GoDuration.format(bound) + "; it said: " + text(output), e);
        } catch (ExecutionException e) {
            throw new EnvironmentException(what + " could not be run: " + e.getCause(), e.getCause());
        } catch (KubernetesClientException e) {
            throw new EnvironmentException(what + " could not be run: " + ApiProblem.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EnvironmentException("interrupted while waiting for " + what, e);
        }
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
