package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.deploy.DeployFiles;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The arguments that the StatefulSet of {@code deploy/reference} gives to each of its pods. */
class DeployedArgumentsTest {
    @Test
    void everyPodIsAMemberAndLooksForTheOthersInTheHeadlessService() {
        assertThat(IntStream.range(0, 3).mapToObj(index -> "emqx-go-" + index)).allSatisfy(pod -> {
            var arguments = of(pod);
            assertThat(arguments.node()).isEqualTo(pod);
            assertThat(arguments.peers()).hasSize(3).containsKey(pod);
            assertThat(arguments.peers()).allSatisfy((name, address) -> {
                assertThat(address.host()).isEqualTo(name + ".emqx-go-headless");
                assertThat(address.port()).isEqualTo(arguments.raft().port());
            });
            assertThat(arguments.data()).hasToString("/data");
            assertThat(arguments.defect()).isEqualTo(Defect.NONE);
        });
    }

    private static Arguments of(String pod) {
        var set = DeployFiles.documents(DeployFiles.file("reference/broker.yaml")).stream()
                .filter(document -> document.path("kind").asText().equals("StatefulSet"))
                .findFirst()
                .orElseThrow();
        var arguments = set.at("/spec/template/spec/containers/0/args");
        return Arguments.parse(StreamSupport.stream(arguments.spliterator(), false)
                .map(argument -> argument.asText().replace("$(POD_NAME)", pod))
                .toArray(String[]::new));
    }
}
