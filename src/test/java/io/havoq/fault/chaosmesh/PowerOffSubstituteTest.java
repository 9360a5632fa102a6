package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.fault.Injection;
import io.havoq.fault.Proof;
import io.havoq.fault.chaosmesh.ScriptedCluster.Asked;
import io.havoq.manifest.PodChaos;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine's power cannot fail through Chaos Mesh: its pods are cut off, then killed, and it says so. */
class PowerOffSubstituteTest {
    private ScriptedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0));
        cluster.pod("emqx-go-1", Recorded.pod("emqx-go-1", "u2", 0));
        cluster.statuses(Recorded.injected("default/emqx-go-0"));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Injection inject(Shell shell) {
        return new Setup(cluster, shell)
                .engine.inject("exp-1", PodChaos.podKill("off", ONE).withPowerOff(), List.of(POD_0), List.of());
    }

    private List<String> created() {
        return cluster.asked().stream()
                .filter(Asked::creates)
                .map(asked -> asked.path().substring(asked.path().lastIndexOf('/') + 1))
                .toList();
    }

    @Test
    void cutsOffFirstAndKillsWhenThatWasSeen() {
        var injection = inject(ScriptedShell.writing(
                ScriptedShell.ping(5, 5, "0.3"), ScriptedShell.ping(5, 5, "0.3"), ScriptedShell.ping(5, 0, "0")));

        assertThat(created()).containsExactly("networkchaos", "podchaos");
        assertThat(injection.acted()).as("the pod is still the same").isFalse();
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u9", 0));
        await().atMost(5, TimeUnit.SECONDS).until(injection::acted);
        assertThat(injection.oneShot()).isTrue();
        assertThat(injection.effect())
                .extracting(Proof::observation)
                .allMatch(text -> text.startsWith("substitute: "))
                .anyMatch(text -> text.contains("0 of 5 pings answered"))
                .anyMatch(text -> text.contains("the pod was replaced"));
        assertThat(injection.injectedAtNanos()).isGreaterThan(injection.requestedAtNanos());

        injection.remove();
        await().atMost(5, TimeUnit.SECONDS).until(injection::gone);
        assertThat(cluster.objects()).isEmpty();
        assertThat(injection.doubts()).as("the partition ended with its pod").isEmpty();
        assertThat(injection.figures())
                .anyMatch(line -> line.startsWith("substitute: a partition of [emqx-go-0]"))
                .anyMatch(line -> line.contains("[emqx-go-1] of namespace default, which were not chosen"));
    }

    @Test
    void doesNotKillWhatNobodySawCutOff() {
        assertThatThrownBy(() -> inject(ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.3"))))
                .hasMessageContaining("substitute")
                .hasMessageContaining("were not seen to be cut off")
                .hasMessageContaining("5 of 5 pings answered");
        assertThat(created()).containsExactly("networkchaos");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void doesNotKillWhereNobodyCanSee() {
        assertThatThrownBy(() -> inject(ScriptedShell.none()))
                .hasMessageContaining("nobody can see whether the pods are cut off");
        assertThat(created()).containsExactly("networkchaos");
        assertThat(cluster.objects()).isEmpty();
    }
}
