package io.havoq.fault.local.clock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A vdso as it is mapped (elf(5), 64-bit little-endian): where its functions begin, and where its last page has room.
 * Immutable.
 */
final class VdsoImage {
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_STRTAB = 5;
    private static final int DT_SYMTAB = 6;
    private static final int SYMBOL = 24;
    private static final int ALIGNMENT = 64;

    private final byte[] bytes;
    private final int machine;
    private final int end;
    private final Map<String, Integer> symbols;

    private VdsoImage(byte[] bytes, int machine, int end, Map<String, Integer> symbols) {
        this.bytes = bytes;
        this.machine = machine;
        this.end = end;
        this.symbols = symbols;
    }

    /**
     * Reads the image.
     *
     * @throws IOException if it is no 64-bit ELF image, or its tables are not where such an image has them
     */
    static VdsoImage parse(byte[] bytes) throws IOException {
        var elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        // magic, 64 bits, little-endian
        if (bytes.length < 64 || elf.getInt(0) != 0x464c_457f || elf.get(4) != 2 || elf.get(5) != 1) {
            throw new IOException("the vdso is no 64-bit little-endian ELF image");
        }
        try {
            var dynamic = -1;
            long end = elf.getLong(40) + (long) elf.getShort(58) * elf.getShort(60);
            for (int i = 0; i < elf.getShort(56); i++) {
                int header = (int) elf.getLong(32) + i * elf.getShort(54);
                if (elf.getInt(header) == PT_LOAD) {
                    end = Math.max(end, elf.getLong(header + 16) + elf.getLong(header + 40));
                } else if (elf.getInt(header) == PT_DYNAMIC) {
                    dynamic = (int) elf.getLong(header + 16);
                }
            }
            if (dynamic < 0 || end > bytes.length) {
                throw new IOException("the vdso has no dynamic section, or is longer than its mapping");
            }
            return new VdsoImage(bytes.clone(), elf.getShort(18), Math.toIntExact(end), symbols(elf, dynamic));
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IOException("the vdso's tables point outside of it", e);
        }
    }

    private static Map<String, Integer> symbols(ByteBuffer elf, int dynamic) throws IOException {
        int strings = -1;
        int table = -1;
        for (int entry = dynamic; elf.getLong(entry) != 0; entry += 16) {
            if (elf.getLong(entry) == DT_STRTAB) {
                strings = Math.toIntExact(elf.getLong(entry + 8));
            } else if (elf.getLong(entry) == DT_SYMTAB) {
                table = Math.toIntExact(elf.getLong(entry + 8));
            }
        }
        // The linker puts the names right behind the symbols; how many there are is said nowhere else but in hash
        // tables.
        if (table < 0 || strings <= table) {
            throw new IOException("the vdso's names do not follow its symbols");
        }
        var symbols = new LinkedHashMap<String, Integer>();
        for (int symbol = table; symbol + SYMBOL <= strings; symbol += SYMBOL) {
            int name = strings + elf.getInt(symbol);
            if (elf.getShort(symbol + 6) != 0) {
                symbols.put(text(elf, name), Math.toIntExact(elf.getLong(symbol + 8)));
            }
        }
        return symbols;
    }

    private static String text(ByteBuffer elf, int from) {
        int to = from;
        while (elf.get(to) != 0) {
            to++;
        }
        var bytes = new byte[to - from];
        elf.get(from, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** {@code e_machine}. */
    int machine() {
        return machine;
    }

    int size() {
        return bytes.length;
    }

    /**
     * Where a function begins.
     *
     * @throws IOException if there is none of that name
     */
    int symbol(String name) throws IOException {
        var offset = symbols.get(name);
        if (offset == null) {
            throw new IOException("the vdso has no " + name + ", only " + symbols.keySet());
        }
        return offset;
    }

    byte[] bytes(int from, int count) {
        return Arrays.copyOfRange(bytes, from, from + count);
    }

    /**
     * The first byte behind the image where so many are free.
     *
     * @throws IOException if its last page has no such room, or something is in it
     */
    int room(int count) throws IOException {
        int from = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (from + count > bytes.length) {
            throw new IOException("the vdso's last page has " + Math.max(0, bytes.length - from)
                    + " bytes of room, too little for " + count);
        }
        for (int i = from; i < from + count; i++) {
            if (bytes[i] != 0) {
                throw new IOException("the room behind the vdso is not empty: byte " + i + " is " + bytes[i]);
            }
        }
        return from;
    }
}
