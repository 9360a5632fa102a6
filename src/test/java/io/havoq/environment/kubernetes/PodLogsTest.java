package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Logs of containers and of those before them. */
class PodLogsTest {
    private static final String LOG = "GET /api/v1/namespaces/mqtt/pods/emqx-go-0/log?container=emqx-go&previous=";

    private final MockCluster cluster = new MockCluster();
    private final PodLogs logs = new PodLogs(cluster.client, MockCluster.NAMESPACE);

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theTailGoesOnInTheContainerBefore() {
        cluster.answer(LOG + "false&tailLines=3", 200, "started\nready\n");
        cluster.answer(LOG + "true&tailLines=1", 200, "killed\n");
        assertThat(logs.tail("emqx-go-0", "emqx-go", 3)).containsExactly("killed", "started", "ready");
    }

    @Test
    void whereThereIsNoneBeforeTheTailIsShorter() {
        cluster.answer(LOG + "false", 200, "started\n");
        cluster.refuse(LOG + "true", 400, "previous terminated container not found");
        assertThat(logs.tail("emqx-go-0", "emqx-go", 3)).containsExactly("started");
    }

    @Test
    void aPodThatIsGoneHasNoLog() {
        cluster.refuse(LOG, 404, "pods not found");
        assertThat(logs.tail("emqx-go-0", "emqx-go", 3)).isEmpty();
        assertThat(logs.since("emqx-go-0", "emqx-go", false, 5)).isEmpty();
    }

    @Test
    void thatItMayNotBeReadIsNotTakenForAnEmptyLog() {
        cluster.refuse(LOG, 403, "pods/log is forbidden");
        assertThatThrownBy(() -> logs.tail("emqx-go-0", "emqx-go", 3)).isInstanceOf(KubernetesClientException.class);
    }
}
