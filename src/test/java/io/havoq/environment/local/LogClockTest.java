package io.havoq.environment.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogClockTest {
    private static final Instant WRITTEN = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    Path directory;

    private Path log() throws IOException {
        var file = Files.createFile(directory.resolve("node.log"));
        Files.setLastModifiedTime(file, FileTime.from(WRITTEN));
        return file;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-01-31T12:05:00.000Z INFO started",
                "[INFO] 2026-01-31 12:05:00,000+0000 - started",
                "time=\"2026-01-31T13:05:00.000000+01:00\" level=info",
                "2026/01/31 07:05:00.000-05:00 started"
            })
    void readsTheTimeOfTheLastLineAgainstTheMomentItWasWritten(String line) throws IOException {
        var read = LogClock.read(log(), List.of(line)).orElseThrow();
        assertThat(read.least()).isEqualTo(Duration.ofMinutes(5));
        assertThat(read.most())
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(5).plusMillis(2_001));
        assertThat(read.at()).isEqualTo(WRITTEN);
        assertThat(read.asked()).isFalse();
    }

    @Test
    void withoutAZoneItIsThisMachines() throws IOException {
        var local = LocalDateTime.ofInstant(WRITTEN, ZoneId.systemDefault());
        var line = local.toString().replace('T', ' ').replace('-', '/') + ":00 started";
        var read = LogClock.read(log(), List.of(line)).orElseThrow();
        assertThat(read.least()).isEqualTo(Duration.ZERO);
        assertThat(read.most()).as("cut off at the second, and late").isEqualTo(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"started", "at 12:05:00", "2026-13-31T12:05:00Z", "--- node, start 1: java"})
    void aLineWithoutATimeTellsNone(String line) throws IOException {
        assertThat(LogClock.read(log(), List.of(line))).isEmpty();
    }

    @Test
    void anEmptyLogTellsNone() throws IOException {
        assertThat(LogClock.read(log(), List.of())).isEmpty();
    }
}
