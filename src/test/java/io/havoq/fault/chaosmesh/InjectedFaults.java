package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.Target;
import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Faults that are injected into a scripted cluster with two pods, for tests of what comes of them. */
abstract class InjectedFaults {
    static final NetworkChaos DELAY = NetworkChaos.netem(
            "delay",
            ONE,
            NetworkChaos.Direction.TO,
            Optional.of(ONE),
            Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(200))));

    static final String DELAYED = Recorded.status(
            true,
            "Run",
            Recorded.record("default/emqx-go-0", ".", "Injected", 1),
            Recorded.record("default/emqx-go-1", ".Target", "Injected", 1));

    ScriptedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0));
        cluster.pod("emqx-go-1", Recorded.pod("emqx-go-1", "u2", 0));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    Injection inject(ChaosSpec spec, Target... targets) {
        return new Setup(cluster).engine.inject("exp-1", spec, List.of(targets), List.of());
    }

    Injection delay(Shell shell) {
        return new Setup(cluster, shell).engine.inject("exp-1", DELAY, List.of(POD_0), List.of(POD_1));
    }

    /** A delay that is in force, that the records tell of and whose effect was seen. */
    Injection delayed() {
        cluster.statuses(DELAYED);
        return seenDelay();
    }

    /** A delay whose effect was seen, whatever the statuses are meanwhile. */
    Injection seenDelay() {
        var injection =
                delay(ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.3"), ScriptedShell.ping(5, 5, "200.4")));
        awaitActed(injection);
        return injection;
    }

    static void awaitActed(Injection injection) {
        await("the effect is seen").atMost(5, TimeUnit.SECONDS).until(injection::acted);
    }

    /** What the records alone tell of has not acted. */
    static void assertUnseen(Injection injection, String why) {
        assertThat(injection.acted()).isFalse();
        assertThat(injection.effect()).noneMatch(Proof::independent);
        assertThat(injection.effect()).extracting(Proof::observation).anyMatch(text -> text.contains(why));
    }
}
