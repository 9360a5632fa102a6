package io.havoq.fault.local.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Finds out what isolation this machine gives, by trying it. What is missing is looked for in the order in which things
 * depend on each other, and the first missing one is named with its remedy.
 */
public final class SandboxProbe {
    private static final long SECONDS = 10;

    private final Path mountPoint;

    /** @param mountPoint an existing empty directory to try a mount on */
    public SandboxProbe(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** What a trial said: its exit status and its output. */
    private record Trial(int status, String output) {
        boolean passed() {
            return status == 0;
        }
    }

    /** The best isolation that works here. */
    public Isolation probe() {
        var linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
        if (!linux) {
            return plain(
                    "namespaces exist on Linux only, this is " + System.getProperty("os.name"),
                    "run on Linux, or in a Linux virtual machine, for everything but the kills");
        }
        for (var program : List.of("sh", "mount", "unshare", "setpriv", "setsid")) {
            if (onPath(program).isEmpty()) {
                return plain(
                        "the program '" + program + "' is not on the PATH",
                        "install util-linux (Debian and Ubuntu: apt install util-linux; Alpine: apk add util-linux)");
            }
        }
        var asRoot = namespaces(false);
        if (asRoot.passed()) {
            return new Isolation.Namespaces(false, false);
        }
        var asUser = namespaces(true);
        if (asUser.passed()) {
            return new Isolation.Namespaces(true, ordinaryUser());
        }
        return diagnose(asUser);
    }

    /** Plain child processes, as a user asked for them. */
    public Isolation asked() {
        return plain("havoq.local.isolation=none", "set havoq.local.isolation=auto");
    }

    private Trial namespaces(boolean user) {
        var words = new ArrayList<>(List.of("unshare"));
        if (user) {
            words.addAll(List.of("--user", "--map-root-user"));
        }
        words.addAll(List.of("--mount", "--pid", "--fork", "--kill-child", "--mount-proc"));
        words.addAll(List.of("sh", "-c", "mount -t tmpfs -o size=1m havoq \"$1\"", "probe", mountPoint.toString()));
        return run(words);
    }

    private boolean ordinaryUser() {
        // Two user namespaces inside one another: root of the sandbox, and the user's own id again for the nodes.
        return run(List.of(
                        "unshare",
                        "--user",
                        "--map-root-user",
                        "unshare",
                        "--user",
                        "--map-user=1000",
                        "--map-group=1000",
                        "true"))
                .passed();
    }

    private Isolation diagnose(Trial whole) {
        var user = run(List.of("unshare", "--user", "--map-root-user", "true"));
        if (!user.passed()) {
            if (number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").orElse(0L) == 1) {
                return plain(
                        "AppArmor keeps ordinary users from making user namespaces (Ubuntu's default since 23.10)",
                        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0");
            }
            if (number("/proc/sys/kernel/unprivileged_userns_clone").orElse(1L) == 0) {
                return plain(
                        "the kernel keeps ordinary users from making user namespaces (kernel.unprivileged_userns_clone=0)",
                        "sudo sysctl kernel.unprivileged_userns_clone=1");
            }
            if (number("/proc/sys/user/max_user_namespaces").orElse(1L) == 0) {
                return plain(
                        "no user namespaces may be made on this machine (user.max_user_namespaces=0)",
                        "sudo sysctl user.max_user_namespaces=15000");
            }
            if (seccomp()) {
                return plain(
                        "a seccomp filter forbids user namespaces, as Docker's default profile does: " + user.output,
                        "start the container with --security-opt seccomp=unconfined, or --privileged");
            }
            return plain("user namespaces cannot be made: " + user.output, "run as root, or allow user namespaces");
        }
        var proc = run(List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "true"));
        if (!proc.passed()) {
            return plain(
                    "/proc cannot be mounted in a pid namespace, as in containers that mask parts of it: "
                            + proc.output,
                    "start the container with --security-opt systempaths=unconfined, or --privileged");
        }
        return plain(
                "a tmpfs cannot be mounted on " + mountPoint + " in a mount namespace: " + whole.output,
                "allow mounts in user namespaces, or run as root");
    }

    private static boolean seccomp() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.UTF_8).stream()
                    .anyMatch(line -> line.startsWith("Seccomp:") && line.endsWith("2"));
        } catch (IOException e) {
            return false; // then the general message is what can be said
        }
    }

    private static Optional<Long> number(String file) {
        // In one read: a second one on a file of /proc/sys finds its end (proc_dointvec).
        try (var in = Files.newInputStream(Path.of(file))) {
            return Optional.of(Long.parseLong(new String(in.readNBytes(100), StandardCharsets.US_ASCII).strip()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // this kernel has no such switch
        }
    }

    private static Isolation plain(String reason, String remedy) {
        return new Isolation.Plain(
                reason, remedy, onPath("setpriv").isPresent(), onPath("setsid").isPresent());
    }

    private static Optional<Path> onPath(String program) {
        for (var directory :
                System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
            var file = Path.of(directory.isEmpty() ? "." : directory, program);
            if (Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    private static Trial run(List<String> words) {
        try {
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Trial(-1, "no answer within " + SECONDS + " s: " + String.join(" ", words));
            }
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Trial(process.exitValue(), output.strip());
        } catch (IOException e) {
            return new Trial(-1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Trial(-1, "interrupted");
        }
    }
}
