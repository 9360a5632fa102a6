package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.environment.MqttEndpoint;
import io.havoq.environment.PortCheck;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Addresses outside of the cluster that lead to one pod each: a pattern for all of them, or one for each. */
final class GivenAddresses implements PodAddresses {
    private static final Pattern ORDINAL = Pattern.compile("-([0-9]+)$");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^}]*)}");
    private static final String EXAMPLES =
            "expected one HOST:PORT with {pod}, {ordinal}, {node} or {host-ip}, e.g. mqtt-{ordinal}.example.org:1883, or"
                    + " POD=HOST:PORT for each pod";

    private final Map<String, String> byPod = new LinkedHashMap<>();
    private final String pattern;
    private final Tls tls;
    private final Map<String, MqttEndpoint> endpoints = new ConcurrentHashMap<>();

    /** @throws IllegalArgumentException naming the setting and what is wrong with it */
    GivenAddresses(List<String> given, Tls tls) {
        this.tls = tls;
        if (given.size() == 1 && !given.get(0).contains("=")) {
            pattern = checked(given.get(0));
            if (!PLACEHOLDER.matcher(pattern).find()) {
                throw wrong("'" + pattern + "' is the same for every pod: which of them answers there cannot be told");
            }
            return;
        }
        pattern = "";
        if (given.isEmpty()) {
            throw wrong("is empty");
        }
        for (var one : given) {
            var equals = one.indexOf('=');
            if (equals < 1) {
                throw wrong("'" + one + "' names no pod");
            }
            byPod.put(
                    one.substring(0, equals).strip(),
                    checked(one.substring(equals + 1).strip()));
        }
    }

    private static String checked(String address) {
        var matcher = PLACEHOLDER.matcher(address);
        while (matcher.find()) {
            if (!List.of("pod", "ordinal", "node", "host-ip").contains(matcher.group(1))) {
                throw wrong("'" + matcher.group() + "' is not known");
            }
        }
        var colon = address.lastIndexOf(':');
        var port = address.substring(colon + 1).replaceAll("\\{ordinal}", "0");
        if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw wrong("'" + address + "' has no port");
        }
        return address;
    }

    private static IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(
                "setting " + KubernetesSettings.ADDRESSES.key() + ": " + what + ": " + EXAMPLES);
    }

    @Override
    public String description() {
        return "clients use the addresses of " + KubernetesSettings.ADDRESSES.key();
    }

    @Override
    public MqttEndpoint endpoint(Pod pod) {
        return endpoints.computeIfAbsent(pod.getMetadata().getName(), name -> made(name, pod));
    }

    private MqttEndpoint made(String name, Pod pod) {
        var address = byPod.isEmpty() ? filled(pattern, name, pod) : byPod.get(name);
        if (address == null) {
            throw wrong("has no address for the pod " + name + ", only for " + byPod.keySet());
        }
        var colon = address.lastIndexOf(':');
        var host = address.substring(0, colon);
        var port = Integer.parseInt(address.substring(colon + 1));
        return new MqttEndpoint(name, host, port, () -> named(host, port, tls.serverName(name)), tls.secured());
    }

    private static InetSocketAddress named(String host, int port, String serverName) {
        var plain = new InetSocketAddress(host, port);
        if (serverName.isEmpty() || plain.isUnresolved()) {
            return plain;
        }
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(serverName, plain.getAddress().getAddress()), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of a wrong length: " + plain, e);
        }
    }

    static String filled(String pattern, String name, Pod pod) {
        var ordinal = ORDINAL.matcher(name);
        if (pattern.contains("{ordinal}") && !ordinal.find()) {
            throw wrong("{ordinal} is the number at the end of a StatefulSet's pod, and " + name + " has none");
        }
        return pattern.replace("{pod}", name)
                .replace("{ordinal}", pattern.contains("{ordinal}") ? ordinal.group(1) : "")
                .replace(
                        "{node}",
                        Optional.ofNullable(pod.getSpec().getNodeName()).orElse(""))
                .replace(
                        "{host-ip}",
                        pod.getStatus() == null
                                ? ""
                                : Optional.ofNullable(pod.getStatus().getHostIP())
                                        .orElse(""));
    }

    @Override
    public Optional<String> problem(String pod) {
        var endpoint = endpoints.get(pod);
        return endpoint == null
                ? Optional.of("it has no address")
                : PortCheck.problem(endpoint.host() + ":" + endpoint.port());
    }
}
