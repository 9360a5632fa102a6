package io.havoq.manifest;

import java.util.Map;

/**
 * One manifest as it was read: where it stands, its text, and what it asks for.
 *
 * @param source the file as it was named, e.g. {@code chaos/01-pod-kill.yaml}
 * @param text the document's own part of the file
 * @param lines 1-based line in the file by field path, e.g. {@code spec.mode}
 * @param namespace {@code metadata.namespace}, {@code default} where the manifest gives none
 */
public record ManifestDocument(
        String source, String text, Map<String, Integer> lines, String namespace, ChaosSpec spec) {
    /** Copies the lines. */
    public ManifestDocument {
        lines = Map.copyOf(lines);
    }

    /** A manifest built in code: its text is what it would look like in a file. */
    public static ManifestDocument of(ChaosSpec spec) {
        return new ManifestDocument(
                spec.kind() + " '" + spec.name() + "'",
                ManifestWriter.write(spec),
                Map.of(),
                ManifestWriter.namespace(spec),
                spec);
    }

    /** The line of a field, or of the nearest field above it; 0 where there is no file. */
    public int line(String field) {
        var path = field;
        while (!path.isEmpty()) {
            var line = lines.get(path);
            if (line != null) {
                return line;
            }
            path = path.substring(0, Math.max(path.lastIndexOf('.'), 0));
        }
        return lines.getOrDefault("", 0);
    }
}
