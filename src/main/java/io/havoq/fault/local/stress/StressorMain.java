package io.havoq.fault.local.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The program that takes processor time or memory from a node, started by {@link StressService} within the node's group. It ends
 * when its input does. Arguments: {@code cpu WORKERS LOAD_PERCENT} or {@code memory WORKERS BYTES}.
 */
public final class StressorMain {
    /** What it says once its workers run, and when it has taken all that it is to take. */
    static final String BEGUN = "begun";

    static final String TAKEN = "taken";

    private static final long SLICE_NANOS = 10_000_000;
    private static final int BLOCK = 4 << 20;
    private static final int PAGE = 4_096;

    private StressorMain() {}

    /** Runs until the input ends. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int workers = Integer.parseInt(arguments[1]);
        var begun = new CountDownLatch(workers);
        var taken = new CountDownLatch(workers);
        for (int worker = 0; worker < workers; worker++) {
            Runnable work;
            if (arguments[0].equals("cpu")) {
                long busy = SLICE_NANOS * Integer.parseInt(arguments[2]) / 100;
                work = () -> spin(begun, busy);
            } else {
                long bytes = Long.parseLong(arguments[2]) / workers;
                work = () -> take(begun, taken, bytes);
            }
            start("stress-" + worker, work);
        }
        begun.await();
        out.println(BEGUN);
        if (arguments[0].equals("memory")) {
            start("taken", () -> {
                try {
                    taken.await();
                    out.println(TAKEN);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        while (System.in.read() >= 0) {
            // whoever started it lives
        }
        Runtime.getRuntime().halt(0);
    }

    private static void start(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void spin(CountDownLatch begun, long busyNanos) {
        begun.countDown();
        while (!Thread.currentThread().isInterrupted()) {
            long slice = System.nanoTime();
            while (System.nanoTime() - slice < busyNanos) {
                Thread.onSpinWait();
            }
            long left = SLICE_NANOS - (System.nanoTime() - slice);
            if (left > 0) {
                LockSupport.parkNanos(left);
            }
        }
    }

    private static void take(CountDownLatch begun, CountDownLatch taken, long bytes) {
        begun.countDown();
        var held = new ArrayList<ByteBuffer>();
        for (long left = bytes; left > 0; left -= BLOCK) {
            var block = ByteBuffer.allocateDirect((int) Math.min(BLOCK, left));
            // A page is there once it was written (and not before: the kernel shares one of zeros).
            for (int at = 0; at < block.capacity(); at += PAGE) {
                block.put(at, (byte) 1);
            }
            held.add(block);
        }
        taken.countDown();
        hold(held);
    }

    private static void hold(List<ByteBuffer> held) {
        while (!held.isEmpty() && !Thread.currentThread().isInterrupted()) {
            LockSupport.park(held);
        }
    }
}
