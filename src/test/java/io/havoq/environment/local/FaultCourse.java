package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import java.time.Duration;
import org.assertj.core.api.ListAssert;

/** What a lasting fault must do from its injection to its end. */
final class FaultCourse {
    private FaultCourse() {}

    /**
     * It acts, is seen by other means than the engine's word, is in force until it is removed, and then nothing of it is left.
     *
     * @param observation a pattern of what is seen
     * @return what its engine counted, to be looked at
     */
    static ListAssert<String> assertActsAndGoes(Injection injection, String observation, Duration bound) {
        try {
            await("the fault is proven").atMost(bound).until(injection::acted);
            assertThat(injection.inForce()).isTrue();
            assertThat(injection.gone()).isFalse();
            assertThat(injection.effect())
                    .filteredOn(Proof::independent)
                    .extracting(Proof::observation)
                    .anySatisfy(seen -> assertThat(seen).containsPattern(observation));
        } finally {
            injection.remove();
        }
        assertThat(injection.inForce()).isFalse();
        await("nothing of it is left").atMost(bound).until(injection::gone);
        return assertThat(injection.figures());
    }
}
