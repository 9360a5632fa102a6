package io.havoq.environment.local;

import io.havoq.fault.local.clock.ClockReading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a node's time of day off the last line of its log: the time that the line begins with, against the moment at which it
 * was written, which the file system keeps by the kernel's own clock.
 */
final class LogClock {
    /** ISO 8601 (with a space or a T) as most loggers write it, or with slashes as Go's does. */
    private static final Pattern TIME = Pattern.compile("(\\d{4})[-/](\\d\\d)[-/](\\d\\d)[T ](\\d\\d:\\d\\d:\\d\\d)"
            + "(?:[.,](\\d{1,9}))?(Z|[+-]\\d\\d:?\\d\\d)?");

    /** So late a line may come to the file after its time was taken; loggers that buffer longer show nothing. */
    private static final Duration LATENESS = Duration.ofSeconds(2);

    private LogClock() {}

    static Optional<ClockReading> read(Path file, List<String> tail) {
        if (tail.isEmpty()) {
            return Optional.empty();
        }
        try {
            var line = TIME.matcher(tail.get(tail.size() - 1));
            if (!line.find()) {
                return Optional.empty();
            }
            var fraction = line.group(5) == null ? "" : line.group(5);
            var local = LocalDateTime.parse(line.group(1) + "-" + line.group(2) + "-" + line.group(3) + "T"
                    + line.group(4) + (fraction.isEmpty() ? "" : "." + fraction));
            var zone = line.group(6) == null ? ZoneId.systemDefault() : ZoneOffset.of(line.group(6));
            var resolution = Duration.ofNanos((long) Math.pow(10, 9 - fraction.length()));
            var written = Files.getLastModifiedTime(file).toInstant();
            return Optional.of(ClockReading.of(
                    local.atZone(zone).toInstant(), resolution, written.minus(LATENESS), written, "its log", false));
        } catch (IOException | DateTimeException e) {
            return Optional.empty(); // being rotated, or no time after all
        }
    }
}
