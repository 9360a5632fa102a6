package io.havoq.fault.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Native;
import io.havoq.time.ThreadEnd;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks in processes of their own: without root, without TUN, and killed. */
class NetworkProcessTest {
    /** A user that no machine has. The kernel asks for no more than the number. */
    private static final String NOBODY = "64017";

    private static final String HIDE_TUN = "mount --bind /dev/null /dev/net/tun && exec \"$@\"";

    @TempDir
    private Path directory;

    private @Nullable Process process;

    /** Where a user who may not look into this one's directories finds the classes. */
    @BeforeEach
    void copyClasses() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (var type : List.of(Ports.class, TestNetwork.class, ThreadEnd.class)) {
            var root = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().getPath());
            var folder = type.getPackageName().replace('.', '/');
            Files.createDirectories(directory.resolve(folder));
            try (var files = Files.list(root.resolve(folder))) {
                for (var file : files.toList()) {
                    Files.copy(file, directory.resolve(folder).resolve(file.getFileName()));
                }
            }
        }
        var jna = Path.of(
                Native.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        Files.copy(jna, directory.resolve("jna.jar"));
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void worksWithoutRootInAUserNamespaceOnBothKindsOfPorts() throws Exception {
        assumeUserNamespaces();
        var output = run(inUserNamespace("TUN", "VETH"));
        assertThat(output).hasSize(2);
        assertThat(output.get(0)).startsWith("works TUN TUN, MTU 1500");
        assertThat(output.get(1)).startsWith("works VETH veth, MTU 1500");
        assertThat(output).noneMatch(line -> line.contains("IPv6 on"));
    }

    @Test
    void fallsBackToVethWhereTunCannotBeOpenedAndSaysWhy() throws Exception {
        assumeUserNamespaces();
        var words = new ArrayList<>(ordinaryUser());
        words.addAll(List.of("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", HIDE_TUN, "sh"));
        words.addAll(java("ANY"));
        var output = run(words);
        assertThat(output).hasSize(1);
        assertThat(output.get(0)).startsWith("works VETH").contains("since TUN: ", "modprobe tun");
    }

    @Test
    void withoutNamespacesItSaysWhatIsMissingAndWhatHelps() throws Exception {
        var words = new ArrayList<>(ordinaryUser());
        words.addAll(java("ANY"));
        assertThat(run(words))
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                "cannot make a network namespace: unshare(CLONE_NEWNET): Operation not permitted",
                                "unshare --user --map-root-user"));
    }

    @Test
    void aKilledProcessLeavesNoInterfaceAndNoNamespace() throws Exception {
        Privileges.assumeNamespaces();
        var interfaces = interfaces();
        process = new ProcessBuilder(java("TUN", "VETH", "hold"))
                .redirectErrorStream(true)
                .start();
        var namespaces = new HashSet<String>();
        try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
            readUntilReady(reader, namespaces);
            assertThat(namespaces).hasSize(4);
            assertThat(namespacesInUse()).containsAll(namespaces);
            process.destroyForcibly().waitFor();
        }
        await().untilAsserted(() -> assertThat(namespacesInUse()).doesNotContainAnyElementsOf(namespaces));
        assertThat(interfaces()).isEqualTo(interfaces);
    }

    private static void readUntilReady(BufferedReader reader, Set<String> namespaces) throws IOException {
        var lines = new ArrayList<String>();
        for (var line = reader.readLine(); !"ready".equals(line); line = reader.readLine()) {
            assertThat(line).as("after %s", lines).isNotNull();
            lines.add(line);
            if (line.startsWith("net:[")) {
                namespaces.add(line);
            }
        }
    }

    /** Of all threads that this user may look at. */
    private static Set<String> namespacesInUse() throws IOException {
        var found = new HashSet<String>();
        for (var threads : new File("/proc").listFiles(file -> file.getName().matches("\\d+"))) {
            var tasks = new File(threads, "task").list();
            if (tasks == null) {
                continue; // it has ended meanwhile
            }
            for (var task : tasks) {
                try {
                    found.add(Files.readSymbolicLink(threads.toPath().resolve("task/" + task + "/ns/net"))
                            .toString());
                } catch (IOException e) {
                    // It has ended meanwhile, or belongs to another user.
                }
            }
        }
        return found;
    }

    private static Set<String> interfaces() throws IOException {
        var names = new HashSet<String>();
        NetworkInterface.networkInterfaces().forEach(network -> names.add(network.getName()));
        return names;
    }

    private static boolean root() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    private static List<String> ordinaryUser() throws IOException {
        return root() ? List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups") : List.of();
    }

    private static void assumeUserNamespaces() throws Exception {
        var words = new ArrayList<>(ordinaryUser());
        words.addAll(List.of("unshare", "--user", "--map-root-user", "true"));
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(process.waitFor() == 0, () -> "not run, ordinary users may make no user namespaces here: " + output);
    }

    private List<String> inUserNamespace(String... arguments) throws IOException {
        var words = new ArrayList<>(ordinaryUser());
        words.addAll(List.of("unshare", "--user", "--map-root-user"));
        words.addAll(java(arguments));
        return words;
    }

    private List<String> java(String... arguments) {
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // Otherwise newer JDKs warn of it in the output.
                "--enable-native-access=ALL-UNNAMED",
                "-Djna.tmpdir=" + directory,
                "-cp",
                directory + ":" + directory.resolve("jna.jar"),
                NetworkProcess.class.getName()));
        words.addAll(List.of(arguments));
        return words;
    }

    private List<String> run(List<String> words) throws Exception {
        process = new ProcessBuilder(words).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output.lines().toList();
    }
}
