package io.havoq.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.report.ExperimentResult.Phase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final List<String> lines = new ArrayList<>();
    private final Console console = new Console(lines::add);

    @Test
    void aPhaseIsOneLine() {
        console.phase("PodKillIT.leader", new Phase("injected", Samples.START, 120, true, "pod-kill on emqx-go-1"));

        assertThat(lines).containsExactly("[havoq] PodKillIT.leader  injected pod-kill on emqx-go-1 ... 0.12 s");
    }

    @Test
    void aPhaseThatDidNotSucceedSaysSo() {
        console.phase("PodKillIT.leader", new Phase("steady state", Samples.START, 30_000, false, ""));

        assertThat(lines).containsExactly("[havoq] PodKillIT.leader  steady state ... 30.00 s NOT OK");
    }

    @Test
    void whateverIsSaidIsOneLineOfPlainAscii() {
        console.say("PodKillIT.leader", "node said \u201cready\u201d\n  twice\u001b[1m");

        assertThat(lines).containsExactly("[havoq] PodKillIT.leader  node said ?ready? | twice?[1m");
    }

    @Test
    void aVerdictComesWithItsReasonAndNotes() {
        console.verdict("ContainerKillIT.kill", Samples.inconclusive());

        assertThat(lines)
                .containsExactly(
                        "[havoq] ContainerKillIT.kill  inconclusive: the victim had no client connected",
                        "[havoq] ContainerKillIT.kill  note: the leader was chosen");
    }

    /** What an experiment found is a list of lines, a warning of one that passed, too. */
    @Test
    void aPassedExperimentsWarningsAreASentence() {
        console.verdict("PodKillIT.leader", Samples.passedWith("- SHOULD latency: 1.2 s\n- SHOULD order: 1 x"));

        assertThat(lines)
                .first()
                .isEqualTo(
                        "[havoq] PodKillIT.leader  passed, with warnings: SHOULD latency: 1.2 s | SHOULD order: 1 x");
    }

    @Test
    void theTableNamesVerdictTargetsProofTimesAndCountsOfEveryExperiment() {
        console.table(Samples.run(Samples.passed(), Samples.failed(), Samples.unsupported()), Path.of("/r/index.html"));

        assertThat(lines)
                .containsExactly(
                        "Havoq: environment local, broker reference, seed 42, 61.00 s",
                        "verdict      experiment          targets    service RTO  cluster RTO         objective"
                                + "  sent q0/1/2     acked       lost    dup",
                        "passed       PodKillIT.leader    emqx-go-1  1.20 s       6.40 s              10/30 s  "
                                + "  4000/5000/1000  0/4990/998  10/0/0  0/7/0",
                        "failed       PodKillIT.follower  emqx-go-1  1.20 s       not within 30.00 s  10/30 s  "
                                + "  4000/5000/1000  0/4990/998  10/2/0  0/7/0",
                        "unsupported  TimeSkewIT.skew     -          -            -                   -        "
                                + "  -               -           -       -",
                        "proof of PodKillIT.leader: process 4711 exited with 137; UID changed",
                        "proof of PodKillIT.follower: process 4711 exited with 137; UID changed",
                        "proof of TimeSkewIT.skew: -",
                        "failed: PodKillIT.follower: no-loss: 2 acknowledged messages were lost",
                        "unsupported: TimeSkewIT.skew: TimeChaos needs Linux: run it there",
                        "warning: PodKillIT.follower: p99-latency: P99 was 700 ms, expected below 500 ms",
                        "3 experiments: 1 failed, 0 inconclusive, 1 unsupported, 1 passed",
                        "report: /r/index.html");
    }
}
