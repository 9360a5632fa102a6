package io.havoq.environment;

/** User name and password of the MQTT clients. Never printed. */
public record Credentials(String username, String password) {
    @Override
    public String toString() {
        return "Credentials[" + username + ", ***]";
    }
}
