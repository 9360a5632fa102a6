package io.havoq.fault.chaosmesh;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs scripts by the API server's exec: it enters by the kubelet, so that no fault of the pod's network is in its way. */
final class ExecShell implements Shell {
    private final KubernetesClient client;
    private final Duration bound;

    ExecShell(KubernetesClient client, Duration bound) {
        this.client = client;
        this.bound = bound;
    }

    @Override
    public Output run(PodView pod, String container, String script) {
        var written = new ByteArrayOutputStream();
        try (var watch = client.pods()
                .inNamespace(pod.namespace())
                .withName(pod.name())
                .inContainer(container)
                .withReadyWaitTimeout(0)
                .writingOutput(written)
                .writingError(written)
                .exec("sh", "-c", script)) {
            var exit = watch.exitCode().get(bound.toMillis(), TimeUnit.MILLISECONDS);
            var text = written.toString(StandardCharsets.UTF_8);
            return exit != null && exit < 126
                    ? new Output(true, text)
                    : new Output(
                            false,
                            "exec of a shell in " + pod.fullName() + " ended with " + exit + ": " + text.strip());
        } catch (TimeoutException e) {
            return new Output(false, "exec in " + pod.fullName() + " did not end within " + bound.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Output(false, "interrupted during exec in " + pod.fullName());
        } catch (ExecutionException | KubernetesClientException e) {
            return new Output(
                    false, "exec in " + pod.fullName() + " failed: " + (e.getCause() == null ? e : e.getCause()));
        }
    }
}
