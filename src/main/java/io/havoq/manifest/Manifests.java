package io.havoq.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads Chaos Mesh manifests strictly: what Chaos Mesh would refuse or silently ignore is an error here. Thread-safe. */
public final class Manifests {
    private Manifests() {}

    /**
     * Reads every manifest of one file.
     *
     * @param location a resource on the class path, else a file, relative to the working directory
     * @return the documents in their order; at least one
     * @throws ManifestException with everything that is wrong, by file, line and field
     */
    public static List<ManifestDocument> read(String location) {
        return readAll(List.of(location));
    }

    /** Reads every manifest of several files, as {@link #read}; the problems of all of them are told at once. */
    public static List<ManifestDocument> readAll(List<String> locations) {
        var problems = new ArrayList<ManifestProblem>();
        var documents = new ArrayList<ManifestDocument>();
        for (var location : locations) {
            content(location, problems).ifPresent(text -> read(location, text, documents, problems));
        }
        refuseSameNames(documents, problems);
        if (!problems.isEmpty()) {
            throw new ManifestException(problems);
        }
        return List.copyOf(documents);
    }

    /**
     * Reads manifests from a text.
     *
     * @param source what problems call it
     */
    public static List<ManifestDocument> parse(String source, String text) {
        var problems = new ArrayList<ManifestProblem>();
        var documents = new ArrayList<ManifestDocument>();
        read(source, text, documents, problems);
        refuseSameNames(documents, problems);
        if (!problems.isEmpty()) {
            throw new ManifestException(problems);
        }
        return List.copyOf(documents);
    }

    private static void read(
            String source, String text, List<ManifestDocument> documents, List<ManifestProblem> problems) {
        var file = YamlFile.compose(source, text);
        var found = new ArrayList<ManifestProblem>();
        for (var document : file.documents()) {
            var reading = new Reading(source);
            DocumentReader.read(reading, document.root(), document.text()).ifPresent(documents::add);
            found.addAll(reading.problems());
        }
        file.syntaxError().ifPresent(found::add);
        if (file.documents().isEmpty() && found.isEmpty()) {
            found.add(new ManifestProblem(
                    source, 0, "", "holds no manifest: expected a Chaos Mesh object, e.g. a PodChaos"));
        }
        found.sort(Comparator.comparingInt(ManifestProblem::line));
        problems.addAll(found);
    }

    /** Chaos Mesh would take the second of the same name for a change of the first, and refuse it. */
    private static void refuseSameNames(List<ManifestDocument> documents, List<ManifestProblem> problems) {
        var names = new HashMap<String, ManifestDocument>();
        for (var document : documents) {
            var spec = document.spec();
            var first = names.putIfAbsent(spec.kind() + "/" + document.namespace() + "/" + spec.name(), document);
            if (first != null) {
                problems.add(new ManifestProblem(
                        document.source(),
                        document.line("metadata.name"),
                        "metadata.name",
                        "'" + spec.name() + "' is already the name of the " + spec.kind() + " at " + first.source()
                                + ":" + first.line("metadata.name") + ": expected a name of its own"));
            }
        }
    }

    private static Optional<String> content(String location, List<ManifestProblem> problems) {
        if (!location.endsWith(".yaml") && !location.endsWith(".yml")) {
            problems.add(new ManifestProblem(location, 0, "", "is not a manifest: expected a .yaml or .yml file"));
            return Optional.empty();
        }
        try (var stream = open(location)) {
            if (stream == null) {
                problems.add(new ManifestProblem(
                        location,
                        0,
                        "",
                        "was not found: expected a resource on the class path (e.g. below src/test/resources) or a file"
                                + " relative to " + Path.of("").toAbsolutePath()));
                return Optional.empty();
            }
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(stream.readAllBytes()))
                    .toString();
            return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
        } catch (CharacterCodingException e) {
            problems.add(new ManifestProblem(location, 0, "", "is not text in UTF-8"));
        } catch (IOException e) {
            problems.add(new ManifestProblem(location, 0, "", "cannot be read: " + e));
        }
        return Optional.empty();
    }

    private static @Nullable InputStream open(String location) throws IOException {
        var name = location.startsWith("/") ? location.substring(1) : location;
        var context = Thread.currentThread().getContextClassLoader();
        var loader = context != null ? context : Manifests.class.getClassLoader();
        var resource = loader.getResourceAsStream(name);
        if (resource != null) {
            return resource;
        }
        try {
            var file = Path.of(location);
            return Files.isRegularFile(file) ? Files.newInputStream(file) : null;
        } catch (InvalidPathException e) {
            throw new IOException("'" + location + "' is no path", e);
        }
    }
}
