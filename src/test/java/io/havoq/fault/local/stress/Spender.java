package io.havoq.fault.local.stress;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A JVM that spends: for a line {@code spin} half a second of a loop, and tells how often it went round; for {@code take N} so many
 * mebibytes for a moment, and tells 0.
 */
final class Spender {
    private static final long HALF_A_SECOND = 500_000_000;
    private static final int PAGE = 4_096;

    private Spender() {}

    public static void main(String[] arguments) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(line.equals("spin") ? spin() : take(Integer.parseInt(line.substring(5))));
        }
    }

    private static long spin() {
        long begun = System.nanoTime();
        long rounds = 0;
        while (System.nanoTime() - begun < HALF_A_SECOND) {
            rounds++;
        }
        return rounds;
    }

    private static long take(int mebibytes) {
        var block = ByteBuffer.allocateDirect(mebibytes << 20);
        for (int at = 0; at < block.capacity(); at += PAGE) {
            block.put(at, (byte) 1);
        }
        return block.get(0) == 1 ? 0 : 1;
    }
}
