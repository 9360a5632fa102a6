package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemorySizeTest {
    @ParameterizedTest
    @CsvSource({
        "512MB, 512000000",
        "512MiB, 536870912",
        "1.5g, 1500000000",
        "1.5GiB, 1610612736",
        "7b, 7",
        "100k, 100000",
        "64, 64",
        "1tb, 1000000000000"
    })
    void unitsAreThoseOfTheProgramThatTakesTheMemory(String text, long bytes) {
        assertThat(MemorySize.parse(text)).isEqualTo(new MemorySize.Bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({"1200000000, 1200MB", "268435456, 256MiB", "1000, 1KB", "1001, 1001B"})
    void isWrittenInTheLargestUnitThatIsExact(long bytes, String text) {
        assertThat(new MemorySize.Bytes(bytes).text()).isEqualTo(text);
    }

    @Test
    void aPercentageIsOfTheLimit() {
        assertThat(MemorySize.parse("50%").bytesOf(1000)).isEqualTo(500);
    }
}
