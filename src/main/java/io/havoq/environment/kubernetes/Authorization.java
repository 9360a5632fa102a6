package io.havoq.environment.kubernetes;

import io.havoq.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** What a Prometheus is told of who asks: the value of the header Authorization (RFC 6750, RFC 7617). Its text form tells no secret. */
final class Authorization {
    static final Authorization NONE = new Authorization("no credentials", "");

    private final String name;
    private final String header;

    private Authorization(String name, String header) {
        this.name = name;
        this.header = header;
    }

    /** @throws IllegalArgumentException if both kinds are set, or one cannot be sent; no value is told */
    static Authorization of(Settings settings) {
        var token = settings.get(KubernetesSettings.PROMETHEUS_TOKEN).strip();
        var username = settings.get(KubernetesSettings.PROMETHEUS_USERNAME).strip();
        var password = settings.get(KubernetesSettings.PROMETHEUS_PASSWORD);
        var tokenKey = KubernetesSettings.PROMETHEUS_TOKEN.key();
        var usernameKey = KubernetesSettings.PROMETHEUS_USERNAME.key();
        var passwordKey = KubernetesSettings.PROMETHEUS_PASSWORD.key();
        if (!token.isEmpty() && !username.isEmpty()) {
            throw new IllegalArgumentException(
                    "settings " + tokenKey + " and " + usernameKey + ": expected one of them, not both");
        }
        if (username.isEmpty() && !password.isEmpty()) {
            throw new IllegalArgumentException("setting " + passwordKey + ": expected " + usernameKey + " with it");
        }
        if (username.contains(":")) {
            throw new IllegalArgumentException("setting " + usernameKey + ": expected no colon in it (RFC 7617)");
        }
        // What refuses such a header otherwise tells it.
        if (!token.chars().allMatch(one -> one > ' ' && one < 0x7f)) {
            throw new IllegalArgumentException(
                    "setting " + tokenKey + ": expected a token without blanks and line ends (RFC 6750)");
        }
        if (!token.isEmpty()) {
            return new Authorization("the token of " + tokenKey, "Bearer " + token);
        }
        return username.isEmpty()
                ? NONE
                : new Authorization(
                        "the user and password of " + usernameKey,
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    /** Empty where nobody is named. */
    Optional<String> header() {
        return Optional.of(header).filter(value -> !value.isEmpty());
    }

    /** Which settings it is from. */
    @Override
    public String toString() {
        return name;
    }
}
