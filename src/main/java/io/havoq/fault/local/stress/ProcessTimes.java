package io.havoq.fault.local.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What proc(5) tells of a process' time, read by this JVM and not by the one that stresses. */
final class ProcessTimes {
    /** USER_HZ is 100 on every architecture that a JVM runs on. */
    private static final long TICK_NANOS = 10_000_000;

    private static final int UTIME = 11;
    private static final int STIME = 12;

    private ProcessTimes() {}

    /** Processor time that it used; 0 if it is gone. */
    static long usedNanos(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // Counted behind the name, which may hold anything: state is 0, utime field 14 of the page.
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) * TICK_NANOS;
        } catch (IOException e) {
            return 0;
        }
    }

    /** How long its present threads waited for a processor, ready to run; 0 if it is gone (schedstats: the second figure). */
    static long waitedNanos(long pid) {
        long sum = 0;
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (var thread : threads) {
                sum += waited(thread.resolve("schedstat"));
            }
        } catch (IOException e) {
            return 0;
        }
        return sum;
    }

    private static long waited(Path file) {
        try {
            return Long.parseLong(
                    Files.readString(file, StandardCharsets.US_ASCII).split(" ", -1)[1]);
        } catch (IOException e) {
            return 0; // this thread ended meanwhile
        }
    }
}
