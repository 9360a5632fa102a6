package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.Manifests;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which faults count, and how many pods they may take. */
class ShareCapTest {
    private static final List<Target> THREE = IntStream.range(0, 3)
            .mapToObj(number -> new Target(
                    "emqx-go-" + number,
                    "mqtt",
                    Map.of(),
                    Map.of(),
                    "Running",
                    true,
                    List.of("emqx-go"),
                    "node",
                    "uid",
                    0,
                    Map.of()))
            .toList();
    private static final ShareCap HALF = new ShareCap(50);

    private static ChaosSpec plan(String file) {
        return Manifests.readAll(List.of("chaos/" + file)).get(0).spec();
    }

    private static Aim aim(String file, List<Target> targets, Target... peers) {
        return new Aim(plan(file), targets, Arrays.asList(peers));
    }

    @ParameterizedTest
    @CsvSource({"50,3,2", "50,4,2", "50,1,1", "33,3,1", "34,3,2", "100,3,3", "1,5,1"})
    void theShareIsRoundedUp(int percent, int pods, int most) {
        assertThat(new ShareCap(percent).of(pods)).isEqualTo(most);
    }

    @Test
    void oneAndTwoOfThreeMayBeKilledAndThreeMayNot() {
        assertThat(HALF.complaint(List.of(aim("01-pod-kill.yaml", THREE.subList(0, 1))), THREE))
                .isEmpty();
        assertThat(HALF.complaint(List.of(aim("01-pod-kill.yaml", THREE.subList(0, 2))), THREE))
                .isEmpty();
        assertThat(HALF.complaint(List.of(aim("01-pod-kill.yaml", THREE)), THREE))
                .hasValueSatisfying(complaint -> assertThat(complaint)
                        .contains("PodChaos pod-kill would take 3 of 3 pods out of service")
                        .contains("emqx-go-0, emqx-go-1, emqx-go-2")
                        .contains("at most 2"));
    }

    @ParameterizedTest
    @CsvSource({
        "pod-failure.yaml,true",
        "10-container-kill.yaml,true",
        "05-memory-stress.yaml,true",
        "11-syscall-failure.yaml,true",
        "20-kernel-chaos.yaml,true",
        "04-cpu-stress.yaml,false",
        "07-io-stress.yaml,false",
        "08-time-skew.yaml,false",
        "09-dns-failure.yaml,false",
        "03-network-delay.yaml,false",
        "06-network-loss.yaml,false",
        "12-bandwidth.yaml,false"
    })
    void whatTakesPodsOutOfServiceCountsAndWhatSlowsThemDownDoesNot(String file, boolean counts) {
        assertThat(HALF.complaint(List.of(aim(file, THREE)), THREE).isPresent()).isEqualTo(counts);
    }

    @Test
    void ofAPartitionTheSmallerSideCounts() {
        var one = new ShareCap(33);
        assertThat(one.complaint(List.of(aim("02-network-partition.yaml", THREE.subList(0, 2), THREE.get(2))), THREE))
                .isEmpty();
        assertThat(one.complaint(
                        List.of(aim("02-network-partition.yaml", THREE.subList(0, 1), THREE.get(1), THREE.get(2))),
                        THREE))
                .isEmpty();
        assertThat(one.complaint(List.of(aim("02-network-partition.yaml", THREE.subList(0, 2))), THREE))
                .isPresent();
    }

    @Test
    void faultsTogetherCountTogetherAndAPodCountsOnce() {
        var kill = aim("01-pod-kill.yaml", THREE.subList(0, 2));
        assertThat(HALF.complaint(List.of(kill, aim("pod-failure.yaml", THREE.subList(1, 2))), THREE))
                .isEmpty();
        assertThat(HALF.complaint(List.of(kill, aim("pod-failure.yaml", THREE.subList(2, 3))), THREE))
                .hasValueSatisfying(complaint -> assertThat(complaint).contains("pod-kill and PodChaos pod-failure"));
    }
}
