package io.havoq.fault.local.syscall;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A system call on files, with its numbers (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h) and what Chaos Mesh's
 * methods, which are those of FUSE, call it.
 */
// The list is List.of, and the record has two numbers.
@SuppressWarnings("ImmutableEnumChecker")
enum SystemCall {
    READ("read", 0, 63, Named.descriptor(0), "read"),
    PREAD64("pread64", 17, 67, Named.descriptor(0), "read"),
    READV("readv", 19, 65, Named.descriptor(0), "read"),
    PREADV("preadv", 295, 69, Named.descriptor(0), "read"),
    PREADV2("preadv2", 327, 286, Named.descriptor(0), "read"),
    WRITE("write", 1, 64, Named.descriptor(0), "write"),
    PWRITE64("pwrite64", 18, 68, Named.descriptor(0), "write"),
    WRITEV("writev", 20, 66, Named.descriptor(0), "write"),
    PWRITEV("pwritev", 296, 70, Named.descriptor(0), "write"),
    PWRITEV2("pwritev2", 328, 287, Named.descriptor(0), "write"),
    OPEN("open", 2, -1, Named.path(0), "open", "create", "opendir"),
    CREAT("creat", 85, -1, Named.path(0), "create"),
    OPENAT("openat", 257, 56, Named.pathAt(0, 1), "open", "create", "opendir"),
    OPENAT2("openat2", 437, 437, Named.pathAt(0, 1), "open", "create", "opendir"),
    FSYNC("fsync", 74, 82, Named.descriptor(0), "fsync", "fsyncdir"),
    FDATASYNC("fdatasync", 75, 83, Named.descriptor(0), "fsync", "fsyncdir"),
    FTRUNCATE("ftruncate", 77, 46, Named.descriptor(0), "setattr"),
    TRUNCATE("truncate", 76, 45, Named.path(0), "setattr"),
    FCHMOD("fchmod", 91, 52, Named.descriptor(0), "setattr"),
    CHMOD("chmod", 90, -1, Named.path(0), "setattr"),
    FCHMODAT("fchmodat", 268, 53, Named.pathAt(0, 1), "setattr"),
    UTIMENSAT("utimensat", 280, 88, Named.pathAt(0, 1), "setattr"),
    MKDIR("mkdir", 83, -1, Named.path(0), "mkdir"),
    MKDIRAT("mkdirat", 258, 34, Named.pathAt(0, 1), "mkdir"),
    UNLINK("unlink", 87, -1, Named.path(0), "unlink"),
    RMDIR("rmdir", 84, -1, Named.path(0), "rmdir"),
    UNLINKAT("unlinkat", 263, 35, Named.pathAt(0, 1), "unlink", "rmdir"),
    RENAME("rename", 82, -1, Named.path(0), "rename"),
    RENAMEAT("renameat", 264, 38, Named.pathAt(0, 1), "rename"),
    RENAMEAT2("renameat2", 316, 276, Named.pathAt(0, 1), "rename"),
    STAT("stat", 4, -1, Named.path(0), "getattr"),
    LSTAT("lstat", 6, -1, Named.path(0), "getattr"),
    FSTAT("fstat", 5, 80, Named.descriptor(0), "getattr"),
    NEWFSTATAT("newfstatat", 262, 79, Named.pathAt(0, 1), "getattr"),
    STATX("statx", 332, 291, Named.pathAt(0, 1), "getattr"),
    GETDENTS64("getdents64", 217, 61, Named.descriptor(0), "readdir");

    /** How a call names its file: by which of its arguments. */
    record Named(int descriptor, int path) {
        static Named descriptor(int argument) {
            return new Named(argument, -1);
        }

        static Named path(int argument) {
            return new Named(-1, argument);
        }

        static Named pathAt(int directory, int argument) {
            return new Named(directory, argument);
        }
    }

    private static final Map<Integer, SystemCall> BY_NUMBER = Arrays.stream(values())
            .filter(SystemCall::exists)
            .collect(Collectors.toUnmodifiableMap(SystemCall::number, Function.identity()));

    private static final Map<String, SystemCall> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(SystemCall::text, Function.identity()));

    private final String text;
    private final int x86;
    private final int arm;
    private final Named named;
    private final List<String> methods;

    SystemCall(String text, int x86, int arm, Named named, String... methods) {
        this.text = text;
        this.x86 = x86;
        this.arm = arm;
        this.named = named;
        this.methods = List.of(methods);
    }

    String text() {
        return text;
    }

    int number() {
        return Kernel.ARM ? arm : x86;
    }

    /** Some have no number on newer architectures. */
    boolean exists() {
        return number() >= 0;
    }

    Named named() {
        return named;
    }

    /** The methods that the call may be an instance of; its arguments and its file tell which. */
    List<String> methods() {
        return methods;
    }

    static Optional<SystemCall> of(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    static Optional<SystemCall> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** Those that exist here and may be an instance of one of these methods. */
    static Set<SystemCall> of(Set<String> methods) {
        return Arrays.stream(values())
                .filter(SystemCall::exists)
                .filter(call -> call.methods.stream().anyMatch(methods::contains))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Every method that some call is an instance of. */
    static Set<String> allMethods() {
        return Arrays.stream(values())
                .flatMap(call -> call.methods.stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
