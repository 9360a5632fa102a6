package io.havoq.fault.local.clock;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A JVM that tells its clocks, in seconds, whenever it gets a line: the time of day and a monotonic one. With an argument so many
 * threads of it read both clocks all the time, and what they find impossible is told too.
 */
final class ClockTeller {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private ClockTeller() {}

    public static void main(String[] arguments) throws IOException {
        var backwards = new AtomicLong();
        var readings = new AtomicLong();
        for (int i = 0; arguments.length > 0 && i < Integer.parseInt(arguments[0]); i++) {
            var thread = new Thread(() -> readForEver(backwards, readings), "reader-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.out.printf(
                    Locale.ROOT,
                    "%.3f %.6f %d %d%n",
                    System.currentTimeMillis() / MILLIS,
                    System.nanoTime() / NANOS,
                    readings.get(),
                    backwards.get());
        }
    }

    private static void readForEver(AtomicLong backwards, AtomicLong readings) {
        long last = System.nanoTime();
        long sum = 0;
        while (sum >= 0) {
            sum += System.currentTimeMillis() & 1;
            long now = System.nanoTime();
            if (now < last) {
                backwards.incrementAndGet();
            }
            last = now;
            readings.incrementAndGet();
        }
    }
}
