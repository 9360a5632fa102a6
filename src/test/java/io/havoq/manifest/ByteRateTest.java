package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The figures are those of iproute2's {@code get_rate64}. */
class ByteRateTest {
    @ParameterizedTest
    @CsvSource({
        "1bps, 1",
        "128kbps, 128000",
        "128KBps, 128000",
        "2mbps, 2000000",
        "3gbps, 3000000000",
        "1tbps, 1000000000000",
        "8bit, 1",
        "15bit, 1",
        "1kbit, 125",
        "1mbit, 125000",
        "1gbit, 125000000",
        "1tbit, 125000000000"
    })
    void bpsAreBytesAndUnitsArePowersOf1000(String text, double bytesPerSecond) {
        assertThat(ByteRate.RULE.complaint(text)).isEmpty();
        assertThat(ByteRate.parse(text)).isEqualTo(bytesPerSecond);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "128", "128k", "1.5mbit", "-1bps", "1 mbit", "1kibit", "1Kib", "0bps", "7bit", "0tbit"})
    void whatTcDoesNotTakeIsRefused(String text) {
        assertThat(ByteRate.RULE.complaint(text)).isPresent();
    }

    @ParameterizedTest
    @CsvSource({"1, 1bps", "128000, 128kbps", "1001, 1001bps", "3000000000, 3gbps", "5000000000000000, 5000tbps"})
    void isWrittenInTheLargestExactUnit(double bytesPerSecond, String text) {
        assertThat(ByteRate.format(bytesPerSecond)).isEqualTo(text);
        assertThat(ByteRate.parse(text)).isEqualTo(bytesPerSecond);
    }
}
