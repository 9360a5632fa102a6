package io.havoq.fault.local.sandbox;

import java.util.ArrayList;
import java.util.List;

/** One line between the test JVM and its sandbox: fields separated by tabs, with tabs and line ends escaped. */
final class Line {
    private Line() {}

    static String of(List<String> fields) {
        var line = new StringBuilder();
        for (var field : fields) {
            if (!line.isEmpty()) {
                line.append('\t');
            }
            // A leading mark keeps an empty first field apart from no field at all.
            line.append('=');
            for (int i = 0; i < field.length(); i++) {
                char c = field.charAt(i);
                switch (c) {
                    case '\\' -> line.append("\\\\");
                    case '\t' -> line.append("\\t");
                    case '\n' -> line.append("\\n");
                    case '\r' -> line.append("\\r");
                    default -> line.append(c);
                }
            }
        }
        return line.toString();
    }

    static List<String> fields(String line) {
        var fields = new ArrayList<String>();
        for (var part : line.split("\t", -1)) {
            if (!part.startsWith("=")) {
                throw new IllegalArgumentException("not a line of the sandbox's protocol: " + line);
            }
            var field = new StringBuilder();
            var escaped = false;
            for (char c : part.substring(1).toCharArray()) {
                if (escaped) {
                    field.append(unescaped(c, line));
                    escaped = false;
                } else if (c == '\\') {
                    escaped = true;
                } else {
                    field.append(c);
                }
            }
            if (escaped) {
                throw new IllegalArgumentException("unfinished escape in: " + line);
            }
            fields.add(field.toString());
        }
        return List.copyOf(fields);
    }

    private static char unescaped(char c, String line) {
        return switch (c) {
            case '\\' -> '\\';
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            default -> throw new IllegalArgumentException("unknown escape in: " + line);
        };
    }
}
