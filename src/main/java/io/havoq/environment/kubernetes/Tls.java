package io.havoq.environment.kubernetes;

import io.havoq.environment.MqttTls;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the settings say of TLS.
 *
 * @param secured empty where MQTT clients do not use TLS
 * @param serverNames what certificates must say, with placeholders; empty for the name in the address
 */
record Tls(Optional<MqttTls> secured, String serverNames) {
    private static final Pattern ORDINAL = Pattern.compile("-([0-9]+)$");

    /** @throws IllegalArgumentException naming the setting that cannot be used */
    static Tls of(Settings settings) {
        var trust = settings.get(KubernetesSettings.TLS_TRUST).strip();
        var serverNames = settings.get(KubernetesSettings.TLS_SERVER_NAME).strip();
        if (!settings.get(KubernetesSettings.TLS)) {
            if (settings.isSet(KubernetesSettings.TLS) || (trust.isEmpty() && serverNames.isEmpty())) {
                return new Tls(Optional.empty(), "");
            }
        }
        return new Tls(
                Optional.of(new MqttTls(trust.isEmpty() ? Optional.empty() : Optional.of(trusting(Path.of(trust))))),
                serverNames);
    }

    private static TrustManagerFactory trusting(Path file) {
        try (var in = Files.newInputStream(file)) {
            var certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (certificates.isEmpty()) {
                throw wrong(file + " holds no certificate", null);
            }
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            var number = 0;
            for (var certificate : certificates) {
                store.setCertificateEntry("authority-" + number, certificate);
                number++;
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw wrong(file + " cannot be read: " + e, e);
        }
    }

    private static IllegalArgumentException wrong(String what, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "setting " + KubernetesSettings.TLS_TRUST.key() + ": " + what
                        + ": expected a PEM file with the certificates of the authorities to trust",
                cause);
    }

    /** Empty where the name in the address is meant. */
    String serverName(String pod) {
        var ordinal = ORDINAL.matcher(pod);
        return serverNames.replace("{pod}", pod).replace("{ordinal}", ordinal.find() ? ordinal.group(1) : "");
    }
}
