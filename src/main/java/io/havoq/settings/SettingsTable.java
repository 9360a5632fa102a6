package io.havoq.settings;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The table of settings as Markdown, one row per setting, ordered by key: documentation that is made from the code. */
public final class SettingsTable {
    private SettingsTable() {}

    /**
     * Renders the table.
     *
     * @throws IllegalArgumentException if two settings have the same key, or a default that their own reader refuses
     */
    public static String render(List<Setting<?>> settings) {
        var sorted =
                settings.stream().sorted(Comparator.comparing(Setting::key)).toList();
        for (int index = 0; index < sorted.size(); index++) {
            var setting = sorted.get(index);
            if (index > 0 && sorted.get(index - 1).key().equals(setting.key())) {
                throw new IllegalArgumentException(setting.key() + " is declared twice");
            }
            checkDefault(setting);
        }
        return sorted.stream()
                .map(SettingsTable::row)
                .collect(Collectors.joining("", "| setting | default | meaning |\n|---|---|---|\n", ""));
    }

    private static void checkDefault(Setting<?> setting) {
        try {
            var unused = setting.reader().apply(setting.defaultText());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    setting.key() + " has a default that cannot be read: " + e.getMessage(), e);
        }
    }

    private static String row(Setting<?> setting) {
        var value = setting.defaultText().isEmpty() ? "" : "`" + cell(setting.defaultText()) + "`";
        return "| `" + setting.key() + "` | " + value + " | " + cell(setting.description()) + " |\n";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replaceAll("\\s*\\R\\s*", " ").strip();
    }
}
