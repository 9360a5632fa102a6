package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The thread of a probe. */
class PulseTest {
    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, StackOverflowError.class})
    void whateverBreaksAProbeIsToldAndNotTakenForTheBrokersSilence(Class<? extends Throwable> problem) {
        try (var pulse = new Pulse("havoq-test-pulse", Duration.ofMillis(1), () -> {
            if (problem == IllegalStateException.class) {
                throw new IllegalStateException("broken");
            }
            throw new StackOverflowError("broken");
        })) {
            pulse.start();
            assertThatThrownBy(() -> pulse.await(Optional::<Boolean>empty, Duration.ofSeconds(5)))
                    .isInstanceOf(ProbeException.class)
                    .hasMessageContaining("broken");
        }
    }
}
