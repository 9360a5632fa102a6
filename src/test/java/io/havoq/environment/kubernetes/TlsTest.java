package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the settings say of TLS. That it is spoken is tested in {@link io.havoq.mqtt.TransportsTest}. */
class TlsTest {
    @TempDir
    private Path directory;

    private static Tls tls(Map<String, String> settings) {
        return Tls.of(Settings.fromSystemProperties().orElse(key -> Optional.ofNullable(settings.get(key))));
    }

    @Test
    void thereIsNoneUnlessItIsAskedFor() {
        assertThat(tls(Map.of()).secured()).isEmpty();
        assertThat(tls(Map.of("havoq.mqtt.tls", "true")).secured())
                .hasValueSatisfying(secured -> assertThat(secured.trust()).isEmpty());
    }

    @Test
    void aServerNameAsksForItAndIsFilledIn() {
        var tls = tls(Map.of("havoq.mqtt.tls.server-name", "{pod}.broker.{ordinal}.example"));
        assertThat(tls.secured()).isPresent();
        assertThat(tls.serverName("emqx-go-2")).isEqualTo("emqx-go-2.broker.2.example");
    }

    @Test
    void aFileWithoutCertificatesIsRefused() throws IOException {
        var file = Files.writeString(directory.resolve("ca.pem"), "");
        assertThatThrownBy(() -> tls(Map.of("havoq.mqtt.tls.trust", file.toString())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("setting havoq.mqtt.tls.trust: " + file + " holds no certificate");
        var missing = directory.resolve("nowhere.pem").toString();
        assertThatThrownBy(() -> tls(Map.of("havoq.mqtt.tls.trust", missing)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(missing + " cannot be read");
    }
}
