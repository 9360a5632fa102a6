package io.havoq.fault.local.syscall;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.util.List;

/** A right that this process gives up for good, with all that it starts, by a filter of system calls as a container has one. */
public enum Deprivation {
    /** To watch processes: what Docker's default profile permits together with CAP_SYS_PTRACE only. */
    PTRACE {
        @Override
        long install() {
            return CallFilter.failing(
                            Kernel.ARM
                                    ? List.of(117, 270, 271, 272, (int) Kernel.NR_PIDFD_GETFD)
                                    : List.of(101, 310, 311, 312, (int) Kernel.NR_PIDFD_GETFD),
                            EPERM)
                    .install(ALL_THREADS);
        }
    },

    /** To watch system calls. */
    SECCOMP {
        @Override
        long install() {
            return CallFilter.failing(List.of((int) Kernel.NR_SECCOMP), EPERM).install(ALL_THREADS);
        }
    },

    /**
     * To write the code of other processes through /proc/PID/mem: EIO, as with {@code proc_mem.force_override=never}. Told apart by where it is
     * written, since addresses so high are no places in files.
     */
    PROCESS_MEMORY {
        @Override
        long install() {
            var program = new Memory(8 * 8);
            instruction(program, 0, LOAD_WORD, 0, 0, 4);
            instruction(program, 1, JUMP_IF_EQUAL, 0, 5, Kernel.ARM ? 0xC000_00B7 : 0xC000_003E);
            instruction(program, 2, LOAD_WORD, 0, 0, 0);
            instruction(program, 3, JUMP_IF_EQUAL, 0, 3, SystemCall.PWRITE64.number());
            instruction(program, 4, LOAD_WORD, 0, 0, UPPER_HALF_OF_FOURTH_ARGUMENT);
            instruction(program, 5, JUMP_IF_NOT_LESS, 0, 1, 0x7000);
            instruction(program, 6, RETURN, 0, 0, 0x0005_0000 | EIO);
            instruction(program, 7, RETURN, 0, 0, 0x7fff_0000);
            var header = new Memory(16);
            header.clear();
            header.setShort(0, (short) 8);
            header.setPointer(8, program);
            return Kernel.syscall(
                    Kernel.NR_SECCOMP, Kernel.SECCOMP_SET_MODE_FILTER, ALL_THREADS, Pointer.nativeValue(header), 0, 0);
        }
    };

    private static final int ALL_THREADS = 1;
    private static final int EPERM = 1;
    private static final int EIO = 5;
    /** Of struct seccomp_data, little-endian. */
    private static final int UPPER_HALF_OF_FOURTH_ARGUMENT = 44;

    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_NOT_LESS = 0x35;
    private static final int RETURN = 0x06;

    abstract long install();

    /** Gives it up. */
    public void suffer() throws IOException {
        Kernel.check(Kernel.prctl(Kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
        Kernel.check(install(), "seccomp");
    }

    private static void instruction(Memory program, int index, int code, int ifTrue, int ifFalse, int value) {
        program.setShort(index * 8L, (short) code);
        program.setByte(index * 8L + 2, (byte) ifTrue);
        program.setByte(index * 8L + 3, (byte) ifFalse);
        program.setInt(index * 8L + 4, value);
    }
}
