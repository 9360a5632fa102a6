package io.havoq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.environment.MqttEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EndpointRotationTest {
    private static final List<MqttEndpoint> THREE = Stream.of("n0", "n1", "n2")
            .map(name -> new MqttEndpoint(name, "127.0.0.1", 1883))
            .toList();

    @Test
    void triesEveryEndpointBeforeItComesBackToTheFirst() {
        var rotation = new EndpointRotation(THREE, 1, true, new SplittableRandom(1));

        assertThat(rotation.current().target()).isEqualTo("n1");
        assertThat(List.of(
                        rotation.advance().target(),
                        rotation.advance().target(),
                        rotation.advance().target()))
                .containsExactly("n2", "n0", "n1");
    }

    @Test
    void halfOfTheClientsTurnTheOtherWaySoThatADeadNodesClientsSpreadOverAllOthers() {
        var forwards = new EndpointRotation(THREE, 1, true, new SplittableRandom(1));
        var backwards = new EndpointRotation(THREE, 1, false, new SplittableRandom(1));

        assertThat(forwards.advance().target()).isEqualTo("n2");
        assertThat(backwards.advance().target()).isEqualTo("n0");
    }

    @Test
    void staysAtTheOnlyEndpoint() {
        var rotation = new EndpointRotation(THREE.subList(0, 1), 0, false, new SplittableRandom(1));

        assertThat(rotation.advance().target()).isEqualTo("n0");
    }

    @Test
    void waitsTenMillisecondsUntilEveryEndpointWasTriedThenLongerAndNeverMoreThanHalfASecond() {
        var rotation = new EndpointRotation(THREE, 0, true, new Random(7));

        assertThat(Stream.of(0, 1, 2).map(rotation::delay)).containsOnly(Duration.ofMillis(10));
        assertThat(rotation.delay(5)).isBetween(Duration.ofMillis(40), Duration.ofMillis(80));
        for (var attempt = 3; attempt < 1000; attempt++) {
            assertThat(rotation.delay(attempt)).isBetween(Duration.ofMillis(10), Duration.ofMillis(500));
        }
        assertThat(rotation.delay(1000)).isGreaterThanOrEqualTo(Duration.ofMillis(250));
    }
}
