package io.havoq.fault.local.syscall;

import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A system call that waits for its answer: {@code struct seccomp_notif} (linux/seccomp.h). */
record Notification(long id, int thread, int number, List<Long> arguments) {
    static final int SIZE = 80;

    private static final int LONGEST_PATH = 4_096;
    private static final String DELETED = " (deleted)";
    private static final int O_CREAT = 0x40;
    private static final int O_DIRECTORY = Kernel.ARM ? 0x4000 : 0x1_0000;
    private static final int AT_REMOVEDIR = 0x200;

    static Notification of(Memory memory) {
        return new Notification(
                memory.getLong(0),
                memory.getInt(8),
                memory.getInt(16),
                Arrays.stream(memory.getLongArray(32, 6)).boxed().toList());
    }

    /** The path of the file that the call is on; empty if it is on none, or if who made it is gone. */
    Optional<String> path(SystemCall call) {
        try {
            var named = call.named();
            if (named.path() < 0) {
                return ofDescriptor(arguments.get(named.descriptor()).intValue());
            }
            var text = text(arguments.get(named.path()));
            if (text.startsWith("/")) {
                return Optional.of(Path.of(text).normalize().toString());
            }
            int directory = named.descriptor() < 0
                    ? Kernel.AT_FDCWD
                    : arguments.get(named.descriptor()).intValue();
            var base = directory == Kernel.AT_FDCWD
                    ? Optional.of(Files.readSymbolicLink(proc("cwd")).toString())
                    : ofDescriptor(directory);
            return base.map(folder ->
                    text.isEmpty() ? folder : Path.of(folder, text).normalize().toString());
        } catch (IOException | RuntimeException e) {
            // A thread that has been killed meanwhile, or an address and a name that the call itself will refuse.
            return Optional.empty();
        }
    }

    private Optional<String> ofDescriptor(int descriptor) throws IOException {
        var link = Files.readSymbolicLink(proc("fd/" + descriptor)).toString();
        return link.startsWith("/")
                ? Optional.of(link.endsWith(DELETED) ? link.substring(0, link.length() - DELETED.length()) : link)
                : Optional.empty();
    }

    private Path proc(String name) {
        return Path.of("/proc/" + thread + "/" + name);
    }

    private String text(long address) throws IOException {
        var bytes = read(address, LONGEST_PATH);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** As much as there is. */
    private byte[] read(long address, int length) throws IOException {
        try (var memory = FileChannel.open(proc("mem"), StandardOpenOption.READ)) {
            var bytes = ByteBuffer.allocate(length);
            memory.read(bytes, address);
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    /** Which method of a file system it is: that of a call which may be several depends on its arguments and its file. */
    String method(SystemCall call, String path) {
        return switch (call) {
            case OPEN -> opening(arguments.get(1));
            case OPENAT -> opening(arguments.get(2));
            case OPENAT2 -> opening(flagsAt(arguments.get(2)));
            case UNLINKAT -> (arguments.get(2) & AT_REMOVEDIR) == 0 ? "unlink" : "rmdir";
            case FSYNC, FDATASYNC -> Files.isDirectory(Path.of(path)) ? "fsyncdir" : "fsync";
            default -> call.methods().get(0);
        };
    }

    private long flagsAt(long address) {
        try {
            return ByteBuffer.wrap(read(address, Long.BYTES))
                    .order(java.nio.ByteOrder.nativeOrder())
                    .getLong();
        } catch (IOException | RuntimeException e) {
            return 0; // who made it is gone, or the call itself will refuse the address
        }
    }

    private static String opening(long flags) {
        if ((flags & O_DIRECTORY) != 0) {
            return "opendir";
        }
        return (flags & O_CREAT) == 0 ? "open" : "create";
    }
}
