package io.havoq.manifest;

/**
 * One thing that is wrong with a manifest.
 *
 * @param source the file as it was named, or the manifest's kind and name where there is no file
 * @param line 1-based; 0 where there is no line
 * @param field path of the field, e.g. {@code spec.mode}; empty where it is about the file as a whole
 * @param message what is wrong and what was expected
 */
public record ManifestProblem(String source, int line, String field, String message) {
    /** As an editor or a terminal makes it clickable: {@code chaos/01.yaml:7: spec.mode: ...}. */
    @Override
    public String toString() {
        return source + (line > 0 ? ":" + line : "") + ": " + (field.isEmpty() ? "" : field + ": ") + message;
    }
}
