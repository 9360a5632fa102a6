package io.havoq.fault.local.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.manifest.TimeChaos.ClockId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VdsoPatchTest {
    private static final int SIZE = 8192;
    private static final int END = 6000;
    /** Rounded up to 64. */
    private static final int ROOM = 6016;

    private static final Shift SHIFT = Shift.of(Duration.ofMillis(-1_500), List.of(ClockId.CLOCK_REALTIME));

    /** An image with these functions, their first words given, and sections up to its end. */
    private static byte[] image(Architecture architecture, int firstWord) {
        var bytes = new byte[SIZE];
        var elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c_457f).put(4, (byte) 2).put(5, (byte) 1).putShort(18, (short) architecture.machine());
        elf.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        elf.putLong(40, END - 128).putShort(58, (short) 64).putShort(60, (short) 2);
        // PT_LOAD, PT_DYNAMIC
        elf.putInt(64, 1).putLong(64 + 40, 4096);
        elf.putInt(120, 2).putLong(120 + 16, 512);
        int symbols = 1024;
        int strings = symbols + 24 * (architecture.functions().size() + 1);
        elf.putLong(512, 5).putLong(520, strings).putLong(528, 6).putLong(536, symbols);
        int name = 1;
        int at = 2048;
        int symbol = symbols + 24;
        for (var function : architecture.functions()) {
            elf.putInt(symbol, name).putShort(symbol + 6, (short) 8).putLong(symbol + 8, at);
            elf.position(strings + name).put(function.symbol().getBytes(StandardCharsets.US_ASCII));
            elf.putInt(at, firstWord).putInt(at + 4, 0x1234_5678);
            name += function.symbol().length() + 1;
            at += 256;
            symbol += 24;
        }
        return bytes;
    }

    private static byte[] patched(byte[] image, List<VdsoPatch.Write> writes) {
        var copy = image.clone();
        writes.forEach(write -> System.arraycopy(write.bytes(), 0, copy, write.at(), write.bytes().length));
        return copy;
    }

    private static Map<Integer, String> jumps(Architecture architecture, int firstWord) throws IOException {
        var jumps = new LinkedHashMap<Integer, String>();
        var patch = VdsoPatch.of(architecture, VdsoImage.parse(image(architecture, firstWord)));
        patch.apply(SHIFT).stream()
                .skip(1)
                .forEach(write -> jumps.put(write.at(), java.util.HexFormat.of().formatHex(write.bytes())));
        return jumps;
    }

    @Test
    void theReplacementsAreAsLongAsTheyWereAssembled() {
        assertThat(Architecture.X86_64.stubBytes()).isEqualTo(224);
        assertThat(Architecture.AARCH64.stubBytes()).isEqualTo(208);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void whatIsAppliedIsReadBackAndRestoredToTheByte(Architecture architecture) throws IOException {
        var image = image(architecture, 0x5555_5555);
        var patch = VdsoPatch.of(architecture, VdsoImage.parse(image));
        assertThat(patch.state(image)).isEqualTo(new VdsoPatch.State(Optional.empty(), false));

        var shifted = patched(image, patch.apply(SHIFT));
        assertThat(patch.state(shifted)).isEqualTo(new VdsoPatch.State(Optional.of(SHIFT), false));

        var restored = patched(shifted, patch.restore());
        assertThat(patch.state(restored)).isEqualTo(new VdsoPatch.State(Optional.empty(), false));
        for (int i = 0; i < SIZE; i++) {
            if (i < ROOM || i >= ROOM + architecture.stubBytes()) {
                assertThat(restored[i]).as("byte %d", i).isEqualTo(image[i]);
            }
        }
    }

    @Test
    void theDataAreSecondsNanosecondsMicrosecondsAndMask() throws IOException {
        var patch = VdsoPatch.of(Architecture.X86_64, VdsoImage.parse(image(Architecture.X86_64, 0)));
        var stub = patch.apply(SHIFT).get(0);
        assertThat(stub.at()).isEqualTo(ROOM);
        var data = ByteBuffer.wrap(stub.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(List.of(data.getLong(), data.getLong(), data.getLong(), data.getLong()))
                .containsExactly(-2L, 500_000_000L, 500_000L, 1L);
    }

    @Test
    void x86JumpsRelativelyToTheNextInstruction() throws IOException {
        // 6016 + 0x20 - (2048 + 5) = 0xf9b; + 0x70 - 0x105 - 2048; + 0xc0 - 0x205 - 2048
        assertThat(jumps(Architecture.X86_64, 0))
                .containsExactly(
                        Map.entry(2048, "e99b0f0000"), Map.entry(2304, "e9eb0e0000"), Map.entry(2560, "e93b0e0000"));
    }

    @Test
    void aarch64BranchesInWords() throws IOException {
        // (6016 + 0x20 - 2048) / 4 = 0x3e8; (6016 + 0x80 - 2304) / 4 = 0x3c0
        assertThat(jumps(Architecture.AARCH64, 0))
                .containsExactly(Map.entry(2048, "e8030014"), Map.entry(2304, "c0030014"));
    }

    @Test
    void aarch64KeepsTheLandingPad() throws IOException {
        var expected = Map.of(2048, "5f2403d5e7030014", 2304, "5f2403d5bf030014");
        // bti c, paciasp
        assertThat(jumps(Architecture.AARCH64, 0xd503245f)).isEqualTo(expected);
        assertThat(jumps(Architecture.AARCH64, 0xd503233f)).isEqualTo(expected);
    }

    @Test
    void noThreadMayBeInsideOfWhatIsOverwritten() throws IOException {
        var patch = VdsoPatch.of(Architecture.X86_64, VdsoImage.parse(image(Architecture.X86_64, 0)));
        assertThat(List.of(2048L, 2053L, 2303L, 0L)).noneMatch(patch::within);
        assertThat(List.of(2049L, 2052L, 2305L, 2564L)).allMatch(patch::within);
    }

    @Test
    void roomThatIsNotEmptyIsRefused() throws IOException {
        var image = image(Architecture.X86_64, 0);
        image[ROOM + 100] = 1;
        var parsed = VdsoImage.parse(image);
        assertThatThrownBy(() -> VdsoPatch.of(Architecture.X86_64, parsed))
                .hasMessage("the room behind the vdso is not empty: byte 6116 is 1");
    }

    @Test
    void aFunctionThatIsMissingIsNamed() throws IOException {
        var parsed = VdsoImage.parse(image(Architecture.AARCH64, 0));
        assertThatThrownBy(() -> parsed.symbol("__kernel_getcpu"))
                .hasMessage("the vdso has no __kernel_getcpu, only [__kernel_clock_gettime, __kernel_gettimeofday]");
    }

    @Test
    void anImageThatIsNotThisOneIsNeverWrittenTo() throws IOException {
        var image = image(Architecture.X86_64, 0);
        var patch = VdsoPatch.of(Architecture.X86_64, VdsoImage.parse(image));
        var other = image.clone();
        other[3000] = 1;
        assertThatThrownBy(() -> patch.state(other)).hasMessageContaining("is not the one");
        assertThatThrownBy(() -> patch.state(new byte[4096])).hasMessageContaining("4096 bytes, expected 8192");

        var elsewhere = patched(image, patch.apply(SHIFT));
        elsewhere[ROOM + 40] ^= 1;
        assertThatThrownBy(() -> patch.state(elsewhere)).isInstanceOf(IOException.class);
    }

    @Test
    void whatIsNoImageIsRefused() {
        assertThatThrownBy(() -> VdsoImage.parse(new byte[SIZE])).hasMessageContaining("no 64-bit little-endian ELF");
        var image = image(Architecture.X86_64, 0);
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putLong(536, 1 << 20);
        assertThatThrownBy(() -> VdsoImage.parse(image)).isInstanceOf(IOException.class);
    }
}
