package io.havoq.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.environment.MqttEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks of several nodes at once. */
@Timeout(30)
class EachNodeTest {
    private static final MqttEndpoint FIRST = new MqttEndpoint("node-0", "127.0.0.1", 1);
    private static final MqttEndpoint SECOND = new MqttEndpoint("node-1", "127.0.0.1", 2);
    private static final Duration FOR_EVER = Duration.ofHours(1);

    /** How the pause of the second node's check ended. */
    private final CompletableFuture<Boolean> passed = new CompletableFuture<>();

    @Test
    void allAreCheckedAtOnceAndTheResultsAreInTheirOrder() throws InterruptedException {
        var second = new CompletableFuture<String>();
        assertThat(EachNode.check("test check", List.of(FIRST, SECOND), (endpoint, pauses) -> {
                    if (endpoint.equals(FIRST)) {
                        return "first after " + second.join();
                    }
                    second.complete(Thread.currentThread().getName());
                    return "second";
                }))
                .containsExactly("first after havoq-test-check", "second");
    }

    @Test
    void aCheckThatBreaksIsToldAndTheOthersMakeNoFurtherAttempt() throws Exception {
        assertThatThrownBy(() -> EachNode.check("test check", List.of(FIRST, SECOND), (endpoint, pauses) -> {
                    if (endpoint.equals(FIRST)) {
                        throw new IllegalStateException("broken");
                    }
                    return passed.complete(pauses.pass(FOR_EVER));
                }))
                .isInstanceOf(ProbeException.class)
                .hasMessageContaining("the test check broke")
                .hasMessageContaining("broken");
        assertThat(passed.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void whereNobodyWaitsAnyMoreNoFurtherAttemptIsMade() throws Exception {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> EachNode.check(
                        "test check",
                        List.of(FIRST, SECOND),
                        (endpoint, pauses) -> passed.complete(pauses.pass(FOR_EVER))))
                .isInstanceOf(InterruptedException.class);
        assertThat(passed.get(10, TimeUnit.SECONDS)).isFalse();
    }
}
