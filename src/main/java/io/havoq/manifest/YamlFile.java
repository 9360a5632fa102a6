package io.havoq.manifest;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/** The YAML documents of one file, composed into nodes that know their lines; nothing is constructed from them. */
final class YamlFile {
    /** A marker ends a document wherever it begins a line, even within a block scalar (YAML 1.1, 4.3.1). */
    private static final Pattern MARKER = Pattern.compile("---(\\s.*)?");

    /** One document: its root node and its part of the text. */
    record Document(Node root, String text) {}

    private final List<Document> documents;
    private final Optional<ManifestProblem> syntaxError;

    private YamlFile(List<Document> documents, Optional<ManifestProblem> syntaxError) {
        this.documents = documents;
        this.syntaxError = syntaxError;
    }

    /** Composes what can be composed; a syntax error hides what comes after it. */
    static YamlFile compose(String source, String text) {
        var documents = new ArrayList<Document>();
        try {
            for (var root : new Yaml(new LoaderOptions()).composeAll(new StringReader(text))) {
                if (!root.getTag().equals(Tag.NULL)) {
                    documents.add(
                            new Document(root, part(text, root.getStartMark().getLine())));
                }
            }
        } catch (MarkedYAMLException e) {
            return new YamlFile(
                    documents,
                    Optional.of(syntaxError(
                            source,
                            line(e, text),
                            (e.getContext() == null ? "" : e.getContext() + ", ") + e.getProblem())));
        } catch (ReaderException e) {
            var before = text.substring(0, Math.min(text.length(), text.offsetByCodePoints(0, e.getPosition())));
            return new YamlFile(
                    documents,
                    Optional.of(syntaxError(
                            source,
                            (int) before.lines().count(),
                            String.format("the character U+%04X is not allowed", e.getCodePoint()))));
        } catch (YAMLException e) {
            return new YamlFile(documents, Optional.of(syntaxError(source, 0, String.valueOf(e.getMessage()))));
        }
        return new YamlFile(documents, Optional.empty());
    }

    List<Document> documents() {
        return documents;
    }

    Optional<ManifestProblem> syntaxError() {
        return syntaxError;
    }

    /** Where the problem is, or, for what is still open at the end of the file, where that began. */
    private static int line(MarkedYAMLException e, String text) {
        var problem = e.getProblemMark();
        var context = e.getContextMark();
        var mark = context != null && problem != null && problem.getIndex() >= text.codePointCount(0, text.length())
                ? context
                : problem;
        return mark == null ? 0 : mark.getLine() + 1;
    }

    private static ManifestProblem syntaxError(String source, int line, String message) {
        return new ManifestProblem(source, line, "", "is not YAML: " + message.strip());
    }

    /** The part of the text between the markers around a line (0-based). */
    private static String part(String text, int line) {
        var lines = text.lines().toList();
        var from = line;
        while (from > 0 && !MARKER.matcher(lines.get(from - 1)).matches()) {
            from--;
        }
        var until = line;
        while (until < lines.size()
                && !(until > line && MARKER.matcher(lines.get(until)).matches())) {
            until++;
        }
        return String.join("\n", lines.subList(from, until)).strip() + "\n";
    }
}
