package io.havoq.fault.local.syscall;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import io.havoq.environment.OwnJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the Java programs of this package are run beside and around the nodes. */
final class OwnPrograms {
    private static final String LIBRARY = "libjnidispatch.so";

    private final Path directory;

    /** Programs that find what they share in a directory. */
    OwnPrograms(Path directory) {
        this.directory = directory;
    }

    /** Once, for programs that never end in order and so cannot clean up. */
    void unpackLibrary() throws IOException {
        var name = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/" + LIBRARY;
        try (var library = Native.class.getResourceAsStream(name)) {
            if (library == null) {
                throw new IOException("JNA brings no library for this machine: " + name);
            }
            Files.copy(library, directory.resolve(LIBRARY));
        }
    }

    /**
     * The words that run a {@link Launcher}.
     *
     * @param calls the numbers of the system calls that are watched
     */
    List<String> launcher(String role, String name, String calls) {
        return command(Launcher.class, List.of(role, name, calls));
    }

    List<String> command(Class<?> main, List<String> arguments) {
        var words = new ArrayList<>(OwnJvm.words());
        words.addAll(List.of(
                "-Xmx32m",
                "-Xss512k",
                "-Xshare:auto",
                // Limits are inherited by the node's program, which is to have those that it would have had.
                "-XX:-MaxFDLimit",
                "-Djna.boot.library.path=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                directory.toString()));
        words.addAll(arguments);
        return words;
    }
}
