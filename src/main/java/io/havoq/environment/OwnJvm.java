package io.havoq.environment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How Havoq starts a JVM of its own beside the one that it runs in: a small one that is up soon, of the same installation. */
public final class OwnJvm {
    /** JNA and Netty load native code; from here on a JVM warns of it where it is not told (JEP 472). */
    private static final int TELLS_NATIVE_ACCESS = 22;

    /** Netty, and Ratis's own, access memory by sun.misc.Unsafe; from here on a JVM warns of it (JEP 471, JEP 498). */
    private static final int TELLS_UNSAFE = 23;

    private OwnJvm() {}

    /** The first words of a command line. */
    public static List<String> words() {
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // Shared memory for jps and the like would be a file in /tmp that kill -9 leaves behind.
                "-XX:-UsePerfData"));
        // A warning would stand where the program's own words are read, and in the nodes' logs.
        var java = Runtime.version().feature();
        if (java >= TELLS_NATIVE_ACCESS) {
            words.add("--enable-native-access=ALL-UNNAMED");
        }
        if (java >= TELLS_UNSAFE) {
            words.add("--sun-misc-unsafe-memory-access=allow");
        }
        return words;
    }
}
