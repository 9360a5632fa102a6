package io.havoq.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.settings.Setting;
import io.havoq.settings.SettingsTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keeps docs/settings.md and the catalogue in step with the code; {@code -Ddocs.write=true} writes the page. */
class SettingsDocumentationTest {
    private static final Path PAGE = Path.of("docs/settings.md");
    private static final Path CLASSES = Path.of("target/classes");

    private static final String HEAD = """
            # Settings

            A setting is a system property (`-Dhavoq.strict=true`) or a line of `junit-platform.properties` on the test class
            path; the system property wins. Durations are written as Go writes them: `500ms`, `30s`, `1h30m`.

            This page is made from the code: `./mvnw test -Dtest=SettingsDocumentationTest -Ddocs.write=true`.

            """;

    @Test
    void thePageIsWhatTheCodeSays() throws IOException {
        var expected = HEAD + SettingsTable.render(SettingsCatalogue.all());
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, expected);
        }
        assertThat(PAGE).content().isEqualTo(expected);
    }

    @Test
    void everySettingsClassIsInTheCatalogue() throws Exception {
        // A class may pass on those of a package that this one may not use.
        var declared = new LinkedHashSet<String>();
        try (var files = Files.walk(CLASSES)) {
            var names = files.map(file -> CLASSES.relativize(file).toString())
                    .filter(name -> name.endsWith("Settings.class") && !name.endsWith("/settings/Settings.class"))
                    .map(name -> name.replace(".class", "").replace('/', '.'))
                    .toList();
            for (var name : names) {
                all(Class.forName(name)).forEach(setting -> declared.add(setting.key()));
            }
        }
        assertThat(SettingsCatalogue.all())
                .isNotEmpty()
                .extracting(Setting::key)
                .containsExactlyInAnyOrderElementsOf(declared);
    }

    @SuppressWarnings("unchecked")
    private static List<Setting<?>> all(Class<?> settings) throws ReflectiveOperationException {
        return (List<Setting<?>>) settings.getMethod("all").invoke(null);
    }
}
