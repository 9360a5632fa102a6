package io.havoq.fault.local.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProtocolTest {
    @Test
    void commandsAreReadAsTheyWereWritten() {
        for (var command : List.<Command>of(
                new Command.Start(
                        "n",
                        7,
                        Path.of("/d a"),
                        Path.of("/l"),
                        List.of("a\tb", "", "c\\n\n\r"),
                        Map.of("A", "x=y\n", "B", "")),
                new Command.Stop("n", 3, Duration.ofMillis(1500)))) {
            assertThat(command.line()).doesNotContain("\n", "\r");
            assertThat(Command.parse(command.line())).isEqualTo(command);
        }
    }

    @Test
    void eventsAreReadAsTheyWereWritten() {
        for (var event : List.<Event>of(
                new Event.Ready(),
                new Event.Failed("no\nspace"),
                new Event.Started("n", 1, 42, -5),
                new Event.NotStarted("n", 1, "", 9),
                new Event.Exited("n", 2, 137, Long.MAX_VALUE),
                new Event.Notice("n", "tab\there"))) {
            assertThat(Event.parse(event.line())).isEqualTo(event);
        }
    }

    @Test
    void whatIsNoLineOfTheProtocolIsRefused() {
        assertThatThrownBy(() -> Event.parse("Picked up JAVA_TOOL_OPTIONS")).hasMessageContaining("Picked up");
        assertThatThrownBy(() -> Command.parse("=dance")).hasMessageContaining("dance");
    }
}
