package io.havoq.fault.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.FaultException;
import io.havoq.fault.Proof;
import io.havoq.fault.local.probe.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What counts as proof of a power failure, on a network that does what a test says. */
class PowerFailureTest {
    private static final int SENT = 10;
    private static final Duration USUAL = Duration.ofMillis(1);

    private volatile int arriving = SENT;
    private volatile int arrivingDark;
    private final AtomicInteger pings = new AtomicInteger();
    private volatile long cut = 3;
    private volatile boolean dark;
    private volatile boolean lost;

    private List<String> sandbox(String verb, List<String> arguments) throws IOException {
        return switch (verb) {
            case "network.ping" -> {
                int arrived = dark ? arrivingDark : arriving;
                pings.incrementAndGet();
                if (lost) {
                    throw new IOException("the sandbox is gone");
                }
                yield Wire.of(new Reading(
                        arguments.get(0),
                        arguments.get(1),
                        SENT,
                        0,
                        arrived,
                        arrived,
                        SENT - arrived,
                        0,
                        0,
                        0,
                        0,
                        USUAL,
                        USUAL,
                        ""));
            }
            case "network.cut-packets" -> List.of(Long.toString(cut));
            case "network.power-off" -> {
                dark = true;
                yield List.of();
            }
            default -> throw new IOException(verb);
        };
    }

    private PowerFailure failure() {
        var failure = PowerFailure.prepare(new NetworkControl(this::sandbox), "node");
        assertThat(failure.seen()).isEmpty();
        assertThat(failure.counted()).isEmpty();
        failure.begin();
        await("it has looked").atMost(Duration.ofSeconds(5)).until(() -> pings.get() == 2);
        return failure;
    }

    @Test
    void whatReachedTheNodeBeforeAndDoesNotAnyMoreIsSeen() {
        var failure = failure();
        await("it is seen")
                .atMost(Duration.ofSeconds(5))
                .until(() -> failure.seen().isPresent());
        assertThat(failure.seen().map(Proof::observation))
                .hasValue("0 of 10 datagrams from clients to node arrived; before: 10 of 10 datagrams from clients to"
                        + " node arrived");
        assertThat(failure.seen().map(Proof::independent)).hasValue(true);
        assertThat(failure.over()).isFalse();
        dark = false;
        assertThat(failure.over()).isTrue();
    }

    @Test
    void packetsThatMetCutLinksBeforeDoNotCount() {
        var failure = failure();
        assertThat(failure.counted()).isEmpty();
        cut = 5;
        assertThat(failure.counted().map(Proof::observation))
                .hasValue("2 packets from or to it were dropped at its cut links");
        assertThat(failure.counted().map(Proof::independent)).hasValue(false);
    }

    @Test
    void oneDatagramThatArrivesRefutesIt() {
        arrivingDark = 1;
        var failure = failure();
        await("that nothing follows from what it saw")
                .during(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(5))
                .until(() -> failure.seen().isEmpty());
    }

    @Test
    void whatNeverReachedTheNodeIsNoSign() {
        arriving = 0;
        var failure = failure();
        await("that nothing follows from what it saw")
                .during(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(5))
                .until(() -> failure.seen().isEmpty());
    }

    @Test
    void whatItCouldNotLookAtIsNotPassedOver() {
        var control = new NetworkControl(this::sandbox);
        var failure = PowerFailure.prepare(control, "node");
        lost = true;
        failure.begin();
        await("it tells")
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThatThrownBy(failure::seen)
                        .isInstanceOf(FaultException.class)
                        .hasMessageContaining("the sandbox is gone"));
    }
}
