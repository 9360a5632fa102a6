package io.havoq.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.settings.Settings;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadPlanTest {
    private static WorkloadPlan plan(Map<String, String> values) {
        var settings = Settings.fromSystemProperties().orElse(key -> Optional.ofNullable(values.get(key)));
        return WorkloadPlan.from(settings, "havoq/r1/e1", "havoq-r1-e1", 7);
    }

    @Test
    void theDefaultsAreTheTestPlans() {
        var plan = plan(Map.of());

        assertThat(plan).hasToString("500 publishers, 500 subscribers, 50 topics, 100.0 msg/s, 256 B, QoS 40/50/10");
        assertThat(plan.subscribeQos()).isEqualTo(2);
        var subscribersPerTopic = IntStream.range(0, 500)
                .mapToObj(plan::topicOf)
                .collect(Collectors.groupingBy(topic -> topic, Collectors.counting()));
        assertThat(subscribersPerTopic).hasSize(50).containsEntry("havoq/r1/e1/t07", 10L);
        assertThat(subscribersPerTopic.values()).containsOnly(10L);
    }

    @Test
    void aTopicWithoutSubscriberIsRefused() {
        assertThatThrownBy(() -> plan(Map.of("havoq.workload.subscribers", "10")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("50 topics for 500 publishers and 10 subscribers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"40/50", "40/50/11", "-10/100/10", "a/b/c", ""})
    void aMixThatDoesNotMakeAHundredIsRefused(String text) {
        assertThatThrownBy(() -> plan(Map.of("havoq.workload.qos-mix", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("havoq.workload.qos-mix")
                .hasMessageContaining("is not a mix");
    }

    @ParameterizedTest
    @ValueSource(strings = {"500ms", "48h"})
    void durationsThatMqttCannotSayAreRefused(String text) {
        assertThatThrownBy(() -> plan(Map.of("havoq.workload.keep-alive", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("out of range");
    }
}
