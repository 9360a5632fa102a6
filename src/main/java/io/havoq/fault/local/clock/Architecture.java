package io.havoq.fault.local.clock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What differs between processors: the names of the vdso's functions (vdso(7)), the code that takes their place, and the jump
 * to it.
 *
 * <p>The code makes the real system call, returns if that failed, and adds the offset if the clock's bit is set in the mask; it
 * is position-independent and reads four 8-byte words before it: seconds, nanoseconds below 10<sup>9</sup>, microseconds, mask.
 * gettimeofday and time follow the bit of CLOCK_REALTIME.
 */
enum Architecture {
    /** System calls 228, 96 and 201 (arch/x86/entry/syscalls/syscall_64.tbl); {@code jmp rel32}. */
    X86_64(
            "amd64",
            62,
            List.of(
                    new Function("__vdso_clock_gettime", 0x20),
                    new Function("__vdso_gettimeofday", 0x70),
                    new Function("__vdso_time", 0xc0)),
            // clock_gettime
            "b8e40000000f0585c0753e83ff3f7739488b15e1ffffff480fa3fa732c488b0dbcffffff48010e488b0dbaffffff48034e084881f900"
                    + "ca9a3b7c0a4881e900ca9a3b48ff0648894e08c3660f1f440000"
                    // gettimeofday
                    + "b8600000000f0585c0753a4885ff7435f60591ffffff01742c488b0d70ffffff48010f488b0d76ffffff48034f084881f940420f"
                    + "007c0a4881e940420f0048ff0748894f08c3662e0f1f840000000000"
                    // time
                    + "b8c90000000f05f6054affffff01740f48030529ffffff4885ff7403488907c3") {
        @Override
        byte[] jump(byte[] original, long from, long to) {
            var bytes = new byte[5];
            words(bytes).put((byte) 0xE9).putInt(relative(from + bytes.length, to, Integer.MAX_VALUE));
            return bytes;
        }
    },

    /** System calls 113 and 169 (include/uapi/asm-generic/unistd.h); {@code b}. */
    AARCH64(
            "aarch64",
            183,
            List.of(new Function("__kernel_clock_gettime", 0x20), new Function("__kernel_gettimeofday", 0x80)),
            "e903002a280e80d2010000d4400200353ffd0071080200540affff584a25c99aaa0100362c3440a9cbfdff588c010b8bcbfdff58ad010b8b"
                    + "0e4099d24e73a7f2bf010eeb6b000054ad010ecb8c0500912c3400a9c0035fd61f2003d51f2003d5"
                    + "e90300aa281580d2010000d400020035e90100b42afcff58aa0100362c3540a90bfbff588c010b8b4bfbff58ad010b8b0e4888d2"
                    + "ee01a0f2bf010eeb6b000054ad010ecb8c0500912c3500a9c0035fd6") {
        private static final int BTI_C = 0xd503245f;
        private static final int PACIASP = 0xd503233f;

        @Override
        byte[] jump(byte[] original, long from, long to) {
            int first = words(original).getInt();
            // A function that may be reached by an indirect branch must begin with a landing pad where one was.
            boolean pad = first == BTI_C || first == PACIASP;
            var bytes = new byte[pad ? 8 : 4];
            var words = words(bytes);
            if (pad) {
                words.putInt(BTI_C);
            }
            int distance = relative(from + words.position(), to, 1 << 27);
            words.putInt(0x1400_0000 | ((distance >> 2) & 0x03ff_ffff));
            return bytes;
        }
    };

    /** Bytes before the code. */
    static final int DATA = 32;
    /** No jump is longer. */
    static final int JUMP = 8;

    /**
     * One function of the vdso.
     *
     * @param replacement where its replacement begins, from the first byte of the data
     */
    record Function(String symbol, int replacement) {}

    private final String word;
    private final int machine;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<Function> functions;

    private final String code;

    Architecture(String word, int machine, List<Function> functions, String code) {
        this.word = word;
        this.machine = machine;
        this.functions = functions;
        this.code = code;
    }

    /** The processor that this JVM runs on, as {@code os.arch} names it; empty if no code is known for it. */
    static Optional<Architecture> of(String name) {
        return Arrays.stream(values())
                .filter(known -> known.word.equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /** {@code e_machine} of its ELF files (elf(5)). */
    int machine() {
        return machine;
    }

    List<Function> functions() {
        return functions;
    }

    byte[] code() {
        return HexFormat.of().parseHex(code);
    }

    /** Bytes of data and code. */
    int stubBytes() {
        return DATA + code.length() / 2;
    }

    /**
     * The bytes that, put at the beginning of a function, lead elsewhere.
     *
     * @param original the function's first bytes
     */
    abstract byte[] jump(byte[] original, long from, long to);

    private static ByteBuffer words(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int relative(long from, long to, long reach) {
        if (Math.abs(to - from) >= reach) {
            throw new IllegalArgumentException("no jump reaches from " + from + " to " + to);
        }
        return (int) (to - from);
    }
}
