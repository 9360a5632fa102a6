package io.havoq.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
    @Test
    void hasOneRowPerSettingInTheOrderOfTheKeys() {
        var settings = List.<Setting<?>>of(
                Setting.duration("havoq.b", "30s", "How long."), Setting.text("havoq.a", "", "One | other\n  word."));

        assertThat(SettingsTable.render(settings)).isEqualTo("""
                        | setting | default | meaning |
                        |---|---|---|
                        | `havoq.a` |  | One \\| other word. |
                        | `havoq.b` | `30s` | How long. |
                        """);
    }

    @Test
    void refusesAKeyThatIsDeclaredTwice() {
        var setting = Setting.flag("havoq.a", true, "Whether.");

        assertThatThrownBy(() -> SettingsTable.render(List.of(setting, setting)))
                .hasMessage("havoq.a is declared twice");
    }

    @Test
    void refusesADefaultThatCannotBeRead() {
        assertThatThrownBy(() -> SettingsTable.render(List.of(Setting.duration("havoq.a", "soon", "When."))))
                .hasMessageStartingWith("havoq.a has a default that cannot be read: 'soon' is not a duration");
    }
}
