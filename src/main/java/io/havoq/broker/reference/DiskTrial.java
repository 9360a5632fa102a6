package io.havoq.broker.reference;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Writes to the disk while no leader is known. With one, every entry of the log shows whether the disk takes it; without, only votes are
 * written, and a vote that cannot be is given up by Ratis with a line in the log: the node would stay, call elections and never
 * take part in one. On a thread of its own, for a disk may hang as well.
 */
final class DiskTrial implements AutoCloseable {
    private static final long PACE_MILLIS = 1_000;

    /** Looks in a row without a leader: an election takes one or two seconds. */
    private static final int PATIENCE = 3;

    private final Path file;
    private final BooleanSupplier leaderless;
    private final Consumer<IOException> failed;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "disk-trial");

    /**
     * @param data the directory that the log is in
     * @param failed told once, on the trial's thread, which ends then
     */
    DiskTrial(Path data, BooleanSupplier leaderless, Consumer<IOException> failed) {
        this.file = data.resolve("disk-trial");
        this.leaderless = leaderless;
        this.failed = failed;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        var looks = 0;
        try {
            while (!ending.await(PACE_MILLIS, TimeUnit.MILLISECONDS)) {
                looks = leaderless.getAsBoolean() ? looks + 1 : 0;
                if (looks >= PATIENCE) {
                    write();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            failed.accept(e);
        }
    }

    private void write() throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}));
            channel.force(true);
        }
    }

    /** Idempotent. Does not wait for a write that hangs. */
    @Override
    public void close() {
        ending.countDown();
    }
}
