package io.havoq.fault.local.clock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is written where in a process's vdso so that its clocks are shifted, and what restores it. Every process has a copy of
 * its own of the same image (the kernel copies the page when it is written). Immutable.
 */
final class VdsoPatch {
    private static final long NANOS_PER_MICRO = 1_000;

    private final Architecture architecture;
    private final VdsoImage original;
    private final int room;
    private final List<Entry> entries;

    /** The beginning of one function: its bytes, and those of the jump. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(int at, byte[] original, byte[] jump) {}

    /** Some bytes, from the beginning of the image. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Write(int at, byte[] bytes) {}

    /**
     * What a process's image shows.
     *
     * @param shifted the shift that is in force; empty if every function is the kernel's
     * @param partly whether some functions are the kernel's and some are not
     */
    record State(Optional<Shift> shifted, boolean partly) {}

    private VdsoPatch(Architecture architecture, VdsoImage original, int room, List<Entry> entries) {
        this.architecture = architecture;
        this.original = original;
        this.room = room;
        this.entries = List.copyOf(entries);
    }

    /**
     * The patch of an image that nobody has written to.
     *
     * @throws IOException if it lacks a function or the room, or is of another processor
     */
    static VdsoPatch of(Architecture architecture, VdsoImage original) throws IOException {
        if (original.machine() != architecture.machine()) {
            throw new IOException("the vdso is of ELF machine " + original.machine() + ", expected "
                    + architecture.machine() + " for " + architecture);
        }
        int room = original.room(architecture.stubBytes());
        var entries = new ArrayList<Entry>();
        for (var function : architecture.functions()) {
            int at = original.symbol(function.symbol());
            var jump =
                    architecture.jump(original.bytes(at, Architecture.JUMP), at, room + (long) function.replacement());
            entries.add(new Entry(at, original.bytes(at, jump.length), jump));
        }
        return new VdsoPatch(architecture, original, room, entries);
    }

    /** Bytes of the image. */
    int size() {
        return original.size();
    }

    /** The replacement first, then the jumps to it. */
    List<Write> apply(Shift shift) {
        var writes = new ArrayList<Write>();
        writes.add(new Write(room, stub(shift)));
        entries.forEach(entry -> writes.add(new Write(entry.at, entry.jump)));
        return writes;
    }

    /** The functions as they were. The replacement stays: a thread may be in it. */
    List<Write> restore() {
        return entries.stream()
                .map(entry -> new Write(entry.at, entry.original))
                .toList();
    }

    private byte[] stub(Shift shift) {
        var offset = shift.offset();
        return ByteBuffer.allocate(architecture.stubBytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(offset.toSeconds())
                // Both never negative: Duration counts down from the next lower second, as the replacement expects.
                .putLong(offset.toNanosPart())
                .putLong(offset.toNanosPart() / NANOS_PER_MICRO)
                .putLong(shift.clocks())
                .put(architecture.code())
                .array();
    }

    /** Whether a thread whose next instruction is here must not find the functions' beginnings changed. */
    boolean within(long position) {
        return entries.stream().anyMatch(entry -> position > entry.at && position < entry.at + entry.jump.length);
    }

    /**
     * What a process's image shows.
     *
     * @throws IOException if it is another image than the one this patch is made for
     */
    State state(byte[] image) throws IOException {
        if (image.length != original.size()) {
            throw new IOException("its vdso has " + image.length + " bytes, expected " + original.size());
        }
        var plain = image.clone();
        int jumps = 0;
        for (var entry : entries) {
            if (Arrays.equals(image, entry.at, entry.at + entry.jump.length, entry.jump, 0, entry.jump.length)) {
                System.arraycopy(entry.original, 0, plain, entry.at, entry.original.length);
                jumps++;
            }
        }
        var code = Arrays.copyOfRange(image, room + Architecture.DATA, room + architecture.stubBytes());
        boolean stub = Arrays.equals(code, architecture.code());
        if (stub) {
            Arrays.fill(plain, room, room + architecture.stubBytes(), (byte) 0);
        }
        if (!Arrays.equals(plain, original.bytes(0, original.size()))) {
            throw new IOException("its vdso is not the one that this machine's other 64-bit processes have");
        }
        if (jumps > 0 && !stub) {
            throw new IOException("its vdso leads into code that is not the engine's");
        }
        return new State(
                jumps == entries.size() ? Optional.of(shift(image)) : Optional.empty(),
                jumps > 0 && jumps < entries.size());
    }

    private Shift shift(byte[] image) {
        var data = ByteBuffer.wrap(image, room, Architecture.DATA).order(ByteOrder.LITTLE_ENDIAN);
        var offset = Duration.ofSeconds(data.getLong(), data.getLong());
        data.getLong();
        return new Shift(offset, data.getLong());
    }
}
