package io.havoq.broker;

import io.havoq.environment.EnvironmentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/** Installs EMQX-Go once into the user's cache directory, with the go command. */
final class GoInstall {
    private static final String PACKAGE = "github.com/turtacn/emqx-go/cmd/emqx-go";
    private static final String REMEDY = "build it by hand (git clone https://github.com/turtacn/emqx-go; go build"
            + " ./cmd/emqx-go) and set havoq.broker.emqx-go.binary to the executable";
    private static final long MINUTES = 10;

    private final String version;

    GoInstall(String version) {
        this.version = version;
    }

    /** The executable of this version, installed if it is not there yet. */
    Path install() {
        if (version.isBlank()) {
            throw new EnvironmentException("havoq.broker=emqx-go needs an executable or a version: set"
                    + " havoq.broker.emqx-go.binary, or havoq.broker.emqx-go.version to a tag or commit that the go command"
                    + " can fetch. Havoq pins none, since none could be tried; " + REMEDY);
        }
        if (!version.matches("[A-Za-z0-9][A-Za-z0-9._+-]*")) {
            throw new EnvironmentException("havoq.broker.emqx-go.version='" + version
                    + "' is not a module version: expected a tag or a commit");
        }
        var directory = cache().resolve("emqx-go").resolve(version);
        var program = directory.resolve("emqx-go");
        if (Files.isExecutable(program)) {
            return program;
        }
        var go = Programs.find("go")
                .orElseThrow(
                        () -> new EnvironmentException("EMQX-Go " + version + " is not installed, and the go command"
                                + " (1.25 or newer, https://go.dev/dl/) is not on the PATH: install Go, or " + REMEDY));
        try {
            Files.createDirectories(directory);
            var work = Files.createTempDirectory(directory, "install");
            try {
                run(go, work);
                // Complete or not there: two runs may install at the same time.
                Files.move(work.resolve("emqx-go"), program, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                remove(work);
            }
            return program;
        } catch (IOException e) {
            throw new EnvironmentException(
                    "EMQX-Go " + version + " cannot be installed in " + directory + ": " + e.getMessage() + "; "
                            + REMEDY,
                    e);
        }
    }

    private void run(Path go, Path work) throws IOException {
        var output = work.resolve("output");
        var builder = new ProcessBuilder(go.toString(), "install", PACKAGE + "@" + version)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("GOBIN", work.toString());
        builder.environment().put("CGO_ENABLED", "0");
        var process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(
                        "'go install " + PACKAGE + "@" + version + "' took longer than " + MINUTES + " min");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IOException("'go install " + PACKAGE + "@" + version + "' said: "
                    + Files.readString(output, StandardCharsets.UTF_8).strip());
        }
    }

    private static Path cache() {
        var xdg = System.getenv("XDG_CACHE_HOME");
        return xdg != null && Path.of(xdg).isAbsolute()
                ? Path.of(xdg, "havoq")
                : Path.of(System.getProperty("user.home"), ".cache", "havoq");
    }

    private static void remove(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
