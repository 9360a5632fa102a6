package io.havoq.fault.chaosmesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is more than chance, in shares of packets. */
class LostShareTest {
    private static int lost(Random random, int of, double percent) {
        return (int) IntStream.range(0, of)
                .filter(packet -> random.nextDouble() * 100 < percent)
                .count();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 2, 5, 10, 30, 70})
    void chanceAloneIsHardlyEverTakenForMore(double percent) {
        var random = new Random(42);
        var series = 2000;
        var wrong = IntStream.range(0, series)
                .filter(one -> new LostShare(lost(random, 20, percent), 20)
                        .surelyMoreThan(new LostShare(lost(random, 60, percent), 60)))
                .count();
        assertThat(wrong).as("of %d", series).isLessThanOrEqualTo(series / 200);
    }

    @ParameterizedTest
    @CsvSource({"20,20,0,60", "5,20,0,60", "12,40,3,60", "60,120,12,60"})
    void muchMoreIsMore(int lost, int of, int lostBefore, int ofBefore) {
        assertThat(new LostShare(lost, of).surelyMoreThan(new LostShare(lostBefore, ofBefore)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0,20,0,60", "1,20,0,60", "2,20,0,60", "20,20,60,60", "0,0,0,0", "3,20,9,60", "1,1,0,60"})
    void whatChanceDoesIsNotMore(int lost, int of, int lostBefore, int ofBefore) {
        assertThat(new LostShare(lost, of).surelyMoreThan(new LostShare(lostBefore, ofBefore)))
                .isFalse();
    }

    @Test
    void sharesAreOfWhatWasSent() {
        assertThat(new LostShare(3, 4).percent()).isEqualTo(75);
        assertThat(new LostShare(5, 4)).isEqualTo(new LostShare(4, 4));
        assertThat(new LostShare(0, 0).percent()).isZero();
    }
}
