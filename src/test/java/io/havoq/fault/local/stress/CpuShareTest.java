package io.havoq.fault.local.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuShareTest {
    private static final double ASKED = 0.8;

    @Test
    void halfOfWhatWasAskedForIsStressWhateverItWaitedFor() {
        assertThat(share(0.40, 0, 0).doubt(ASKED)).isEmpty();
        assertThat(share(0.39, 0, 0).doubt(ASKED)).isPresent();
    }

    @Test
    void whoGotLessBecauseOthersRanWasThereAllTheSame() {
        assertThat(share(0.35, 0.26, 0).doubt(ASKED)).isEmpty();
        assertThat(share(0.35, 0, 0.26).doubt(ASKED)).isEmpty();
    }

    @Test
    void whoGotLessAndDidNotWaitForMoreWasNotStressing() {
        assertThat(share(0.35, 0.1, 0.1).doubt(ASKED))
                .hasValue("the stressor used 0.35 of a processor instead of 0.80 and waited for 0.20 more:"
                        + " it was not ready to take more, or the machine below this one gave it none");
    }

    @Test
    void whoGotNearlyNothingCannotBeFeltHoweverLongItWaited() {
        assertThat(share(0.19, 0.81, 0).doubt(ASKED))
                .hasValue("the stressor used 0.19 of a processor instead of 0.80 and waited for 0.81 more:"
                        + " too little to be felt, this machine is too busy");
        assertThat(share(0.19, 0.81, 0).begun(ASKED)).isFalse();
        assertThat(share(0.21, 0.79, 0).begun(ASKED)).isTrue();
    }

    @Test
    void whoWasNeverMeasuredIsNotDoubtedHere() {
        assertThat(CpuShare.NONE.doubt(ASKED)).isEmpty();
        assertThat(CpuShare.NONE.begun(ASKED)).isFalse();
    }

    private static CpuShare share(double used, double waited, double throttled) {
        var second = 1e9;
        return new CpuShare(
                (long) second, Math.round(used * second), Math.round(waited * second), Math.round(throttled * second));
    }
}
