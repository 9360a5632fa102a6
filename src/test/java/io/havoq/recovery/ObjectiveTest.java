package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectiveTest {
    @Test
    void thePlansTableIsTheDefault() {
        assertThat(Objective.of("PodChaos", "pod-kill")).isEqualTo(seconds(10, 30));
        assertThat(Objective.of("PodChaos", "container-kill")).isEqualTo(seconds(5, 15));
        assertThat(Objective.of("NetworkChaos", "partition")).isEqualTo(seconds(30, 60));
        assertThat(Objective.NODE_FAILURE).isEqualTo(seconds(60, 120));
        assertThat(Objective.of("NetworkChaos", "delay")).isEqualTo(Objective.GENERAL);
        assertThat(Objective.of(List.of())).isEqualTo(Objective.GENERAL);
    }

    @Test
    void upToTheTargetPassesUpToTheAcceptableWarnsAndBeyondOrNeverFails() {
        assertThat(judged(Duration.ofSeconds(10))).isEmpty();
        assertThat(judged(Duration.ofMillis(10_001))).hasValue(Level.SHOULD);
        assertThat(judged(Duration.ofSeconds(30))).hasValue(Level.SHOULD);
        assertThat(judged(Duration.ofMillis(30_001))).hasValue(Level.MUST);
        assertThat(Objective.POD_KILL.judge(Optional.empty())).hasValue(Level.MUST);
    }

    @Test
    void anAcceptableTimeBelowTheTargetIsRefused() {
        assertThatThrownBy(() -> seconds(30, 10)).hasMessageContaining("target <= acceptable");
    }

    private static Optional<Level> judged(Duration recovery) {
        return Objective.POD_KILL.judge(Optional.of(recovery));
    }

    private static Objective seconds(long target, long acceptable) {
        return new Objective(Duration.ofSeconds(target), Duration.ofSeconds(acceptable));
    }
}
