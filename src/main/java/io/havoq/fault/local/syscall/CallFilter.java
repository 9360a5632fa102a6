package io.havoq.fault.local.syscall;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A seccomp program: the listed system calls get one treatment, all others pass (linux/filter.h, linux/seccomp.h). What is not listed costs
 * nothing: the kernel remembers which numbers always pass.
 */
final class CallFilter {
    /** To whoever holds the listener. */
    static final int NOTIFY = 0x7fc0_0000;

    private static final int ALLOW = 0x7fff_0000;

    /** The lower 16 bits are the number of the error. */
    private static final int ERRNO = 0x0005_0000;

    private static final int AUDIT_ARCH = Kernel.ARM ? 0xC000_00B7 : 0xC000_003E;
    private static final short LOAD_WORD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short RETURN = 0x06;
    private static final int OFFSET_NUMBER = 0;
    private static final int OFFSET_ARCHITECTURE = 4;
    private static final int INSTRUCTION = 8;
    private static final int HEADER = 16;

    /** Jumps are a byte. */
    private static final int MOST = 250;

    private record Instruction(short code, int ifTrue, int ifFalse, int value) {}

    private final Memory program;
    private final Memory header;

    private CallFilter(List<Instruction> instructions) {
        program = new Memory((long) instructions.size() * INSTRUCTION);
        for (int i = 0; i < instructions.size(); i++) {
            var instruction = instructions.get(i);
            long at = (long) i * INSTRUCTION;
            program.setShort(at, instruction.code);
            program.setByte(at + 2, (byte) instruction.ifTrue);
            program.setByte(at + 3, (byte) instruction.ifFalse);
            program.setInt(at + 4, instruction.value);
        }
        // struct sock_fprog
        header = new Memory(HEADER);
        header.clear();
        header.setShort(0, (short) instructions.size());
        header.setPointer(8, program);
    }

    /** Has the listed calls notified. */
    static CallFilter notifying(List<Integer> numbers) {
        return treating(numbers, NOTIFY);
    }

    /** Has the listed calls fail. */
    static CallFilter failing(List<Integer> numbers, int errno) {
        return treating(numbers, ERRNO | errno);
    }

    private static CallFilter treating(List<Integer> numbers, int treatment) {
        if (numbers.isEmpty() || numbers.size() > MOST) {
            throw new IllegalArgumentException("expected 1 to " + MOST + " system calls, not " + numbers.size());
        }
        int count = numbers.size();
        var instructions = new ArrayList<Instruction>();
        instructions.add(new Instruction(LOAD_WORD, 0, 0, OFFSET_ARCHITECTURE));
        // of another architecture: to 'allow', behind the load and the comparisons
        instructions.add(new Instruction(JUMP_IF_EQUAL, 0, count + 1, AUDIT_ARCH));
        instructions.add(new Instruction(LOAD_WORD, 0, 0, OFFSET_NUMBER));
        for (int i = 0; i < count; i++) {
            instructions.add(new Instruction(JUMP_IF_EQUAL, count - i, 0, numbers.get(i)));
        }
        instructions.add(new Instruction(RETURN, 0, 0, ALLOW));
        instructions.add(new Instruction(RETURN, 0, 0, treatment));
        return new CallFilter(instructions);
    }

    /** {@code struct sock_fprog} and the program behind it, as another process is to have them at this address. */
    byte[] image(long address) {
        int size = Math.toIntExact(program.size());
        var bytes = ByteBuffer.allocate(HEADER + size).order(ByteOrder.nativeOrder());
        bytes.putShort(0, (short) (size / INSTRUCTION));
        bytes.putLong(8, address + HEADER);
        bytes.put(HEADER, program.getByteArray(0, size));
        return bytes.array();
    }

    /** Installs it on the calling thread, for good, and returns what seccomp(2) does: with NEW_LISTENER a descriptor, else 0; or -1. */
    long install(int flags) {
        return Kernel.syscall(
                Kernel.NR_SECCOMP, Kernel.SECCOMP_SET_MODE_FILTER, flags, Pointer.nativeValue(header), 0, 0);
    }
}
