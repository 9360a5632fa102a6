package io.havoq.environment;

import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;

/**
 * How MQTT connections are secured. The broker's certificate must be trusted and must name the host that
 * {@link MqttEndpoint#address()} carries: one that is known by its address only is given the name by the environment.
 *
 * @param trust whom to trust; empty for the authorities that the JVM trusts
 */
public record MqttTls(Optional<TrustManagerFactory> trust) {}
