package io.havoq.fault.local.syscall;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.function.LongSupplier;

/**
 * Makes one call of each kind on a file as a node's program would, and tells what came of it and how long it took. Calls are made by
 * the thread that has the filter; files are prepared, and questions are answered, by another one that has none.
 *
 * <p>Reads lines of {@code file TAB own|existing TAB method ...}, and answers with a line of {@code method TAB call TAB microseconds TAB
 * errno} for each call, and {@code end}, or {@code problem TAB text}.
 */
final class Witness {
    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_DIRECTORY = Kernel.ARM ? 0x4000 : 0x1_0000;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int BYTES = 8;
    private static final List<String> ON_DIRECTORIES = List.of("mkdir", "rmdir", "opendir", "readdir", "fsyncdir");
    /** What does no harm to a file of the broker's own. */
    private static final List<String> HARMLESS = List.of("open", "read", "fsync", "getattr");

    /** A call to be made by the thread that has the filter. */
    private record Task(String method, SystemCall call, LongSupplier body) {}

    private final SynchronousQueue<Task> tasks = new SynchronousQueue<>();
    private final SynchronousQueue<String> results = new SynchronousQueue<>();
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Memory buffer = new Memory(4096);
    private final Runnable end;

    /** @param end ends the process, from another thread than the one that serves, which may be held up in a call */
    Witness(Runnable end) {
        this.end = end;
        var asked = new Thread(this::answer, "asked");
        asked.setDaemon(true);
        asked.start();
    }

    /** Makes calls until the process ends with its input. */
    void serve() throws InterruptedException {
        out.println("ready");
        while (true) {
            var task = tasks.take();
            long begin = System.nanoTime();
            long result = task.body.getAsLong();
            int errno = result < 0 ? Native.getLastError() : 0;
            long micros = (System.nanoTime() - begin) / 1_000;
            // closed by who prepares the files
            if (task.method.equals("open") || task.method.equals("create") || task.method.equals("opendir")) {
                if (result >= 0) {
                    Kernel.close((int) result);
                }
            }
            results.put(
                    String.join("\t", task.method, task.call.text(), Long.toString(micros), Integer.toString(errno)));
        }
    }

    private void answer() {
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var words = Arrays.asList(line.split("\t", -1));
                try {
                    look(Path.of(words.get(0)), words.get(1).equals("existing"), words.subList(2, words.size()));
                } catch (IOException e) {
                    out.println("problem\t" + e);
                }
                out.println("end");
            }
        } catch (IOException e) {
            System.err.println("the witness' input cannot be read: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end.run();
    }

    private void look(Path file, boolean existing, List<String> methods) throws IOException, InterruptedException {
        var made = new ArrayList<Path>();
        try {
            for (var folder = file.getParent(); folder != null && !Files.exists(folder); folder = folder.getParent()) {
                made.add(folder);
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            for (var method : methods) {
                if (existing && !HARMLESS.contains(method)) {
                    continue;
                }
                try {
                    prepare(file, existing, method);
                    carryOut(file, method);
                } finally {
                    if (!existing) {
                        Files.deleteIfExists(file);
                        Files.deleteIfExists(moved(file));
                    }
                }
            }
        } finally {
            for (var folder : made) {
                Files.deleteIfExists(folder);
            }
        }
    }

    private static Path moved(Path file) {
        return file.resolveSibling(file.getFileName() + ".moved");
    }

    private static void prepare(Path file, boolean existing, String method) throws IOException {
        if (existing || method.equals("create") || method.equals("mkdir")) {
            return;
        }
        if (ON_DIRECTORIES.contains(method)) {
            Files.createDirectory(file);
        } else {
            Files.write(file, new byte[BYTES], StandardOpenOption.CREATE_NEW);
        }
    }

    private void carryOut(Path file, String method) throws IOException, InterruptedException {
        var name = new Memory(4096);
        name.setString(0, file.toString(), "UTF-8");
        long path = Pointer.nativeValue(name);
        long bytes = Pointer.nativeValue(buffer);
        switch (method) {
            case "open" -> make(method, SystemCall.OPENAT, Kernel.AT_FDCWD, path, O_RDONLY | Kernel.O_CLOEXEC, 0);
            case "create" ->
                make(method, SystemCall.OPENAT, Kernel.AT_FDCWD, path, O_CREAT | O_RDWR | Kernel.O_CLOEXEC, 0600);
            case "opendir" -> make(method, SystemCall.OPENAT, Kernel.AT_FDCWD, path, O_DIRECTORY | Kernel.O_CLOEXEC, 0);
            case "mkdir" -> make(method, SystemCall.MKDIRAT, Kernel.AT_FDCWD, path, 0700, 0);
            case "rmdir" -> make(method, SystemCall.UNLINKAT, Kernel.AT_FDCWD, path, AT_REMOVEDIR, 0);
            case "unlink" -> make(method, SystemCall.UNLINKAT, Kernel.AT_FDCWD, path, 0, 0);
            case "rename" -> {
                var target = new Memory(4096);
                target.setString(0, moved(file).toString(), "UTF-8");
                make(method, SystemCall.RENAMEAT2, Kernel.AT_FDCWD, path, Kernel.AT_FDCWD, Pointer.nativeValue(target));
            }
            case "getattr" -> make(method, SystemCall.NEWFSTATAT, Kernel.AT_FDCWD, path, bytes, 0);
            default -> onOpenFile(file, method, bytes);
        }
    }

    private void onOpenFile(Path file, String method, long bytes) throws IOException, InterruptedException {
        int fd = Kernel.check(
                Kernel.open(
                        file.toString(),
                        Kernel.O_CLOEXEC
                                | (Files.isDirectory(file) ? O_DIRECTORY : Files.isWritable(file) ? O_RDWR : O_RDONLY)),
                "open(" + file + ")");
        try {
            switch (method) {
                case "read" -> {
                    make(method, SystemCall.READ, fd, bytes, BYTES, 0);
                    make(method, SystemCall.PREAD64, fd, bytes, BYTES, 0);
                }
                case "write" -> {
                    make(method, SystemCall.WRITE, fd, bytes, BYTES, 0);
                    make(method, SystemCall.PWRITE64, fd, bytes, BYTES, 0);
                }
                case "fsync" -> {
                    make(method, SystemCall.FSYNC, fd, 0, 0, 0);
                    make(method, SystemCall.FDATASYNC, fd, 0, 0, 0);
                }
                case "fsyncdir" -> make(method, SystemCall.FSYNC, fd, 0, 0, 0);
                case "setattr" -> make(method, SystemCall.FTRUNCATE, fd, 1, 0, 0);
                case "readdir" -> make(method, SystemCall.GETDENTS64, fd, bytes, 4096, 0);
                default -> throw new IOException("the witness does not know the method '" + method + "'");
            }
        } finally {
            Kernel.close(fd);
        }
    }

    private void make(String method, SystemCall call, long one, long two, long three, long four)
            throws InterruptedException {
        tasks.put(new Task(method, call, () -> Kernel.syscall(call.number(), one, two, three, four, 0)));
        out.println(results.take());
    }
}
