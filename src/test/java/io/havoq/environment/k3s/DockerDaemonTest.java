package io.havoq.environment.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DockerDaemonTest {
    @Test
    void noDaemonIsToldWithTheWaysToHaveOne() {
        assertThat(DockerDaemon.explained(new IllegalStateException("no valid Docker environment")))
                .startsWith(
                        "havoq.environment=k3s needs a Docker daemon, and none answers (no valid Docker environment)")
                .contains("DOCKER_HOST");
    }

    @Test
    void aCleanerThatCannotBeHadIsNotAMissingDaemon() {
        assertThat(DockerDaemon.explained(new IllegalStateException(
                        "Can't get Docker image: RyukContainer", new RuntimeException("testcontainers/ryuk:0.13.0"))))
                .contains("TESTCONTAINERS_RYUK_DISABLED");
    }

    /** The words are those of Testcontainers 2.0.5 in a container without a network. */
    @Test
    void anImageOfTestcontainersItselfIsNotAMissingDaemon() {
        assertThat(DockerDaemon.explained(new IllegalStateException(
                        "Condition with Lambda expression in org.testcontainers.images.RemoteDockerImage was not fulfilled within"
                                + " 2 minutes.")))
                .doesNotContain("none answers")
                .contains("alpine:3.17")
                .contains("TESTCONTAINERS_HOST_OVERRIDE");
    }

    @Test
    void theLastCauseThatSaysSomethingIsTold() {
        var interrupted = new IllegalStateException("interrupted while K3s was starting", new InterruptedException());

        assertThat(DockerDaemon.explained(interrupted)).contains("(interrupted while K3s was starting)");
    }
}
