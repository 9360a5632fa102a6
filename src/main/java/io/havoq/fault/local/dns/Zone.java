package io.havoq.fault.local.dns;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The names that a {@link DnsServer} knows, as Kubernetes' DNS specification has them
 * (https://github.com/kubernetes/dns/blob/master/docs/specification.md). Immutable.
 */
public final class Zone {
    private final Map<String, List<Inet4Address>> addresses = new HashMap<>();
    private final Map<String, String> reverse = new HashMap<>();
    private final Set<String> parents = new HashSet<>();

    /** Names in any case, without the final dot, with their addresses. */
    public Zone(Map<String, List<Inet4Address>> names) {
        // Sorted by the number of addresses: an address is named after what it alone has, the pod.
        names.entrySet().stream()
                .sorted(Collections.reverseOrder(Map.Entry.comparingByValue((a, b) -> a.size() - b.size())))
                .forEach(entry -> add(lower(entry.getKey()), entry.getValue()));
    }

    /**
     * What a StatefulSet gives: {@code <pod>.<headless>.<namespace>.svc.cluster.local} with the pod's address, and the name
     * of the headless service and of each other one with all of them.
     */
    public static Zone statefulSet(
            String namespace, String headless, List<String> otherServices, Map<String, Inet4Address> pods) {
        var names = new LinkedHashMap<String, List<Inet4Address>>();
        var all = List.copyOf(pods.values());
        names.put(service(headless, namespace), all);
        otherServices.forEach(other -> names.put(service(other, namespace), all));
        // Last: the address of a lone pod is named after the pod.
        pods.forEach((pod, address) -> names.put(pod + "." + service(headless, namespace), List.of(address)));
        return new Zone(names);
    }

    private static String service(String name, String namespace) {
        return name + "." + namespace + ".svc.cluster.local";
    }

    private void add(String name, List<Inet4Address> all) {
        addresses.put(name, List.copyOf(all));
        for (var address : all) {
            reverse.put(reverseName(address), name);
        }
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            parents.add(name.substring(dot + 1));
        }
    }

    private static String reverseName(Inet4Address address) {
        var octets = new ArrayList<String>();
        for (var octet : address.getAddress()) {
            octets.add(0, String.valueOf(octet & 0xff));
        }
        return String.join(".", octets) + ".in-addr.arpa";
    }

    static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** The addresses of a lower-case name. */
    List<Inet4Address> addresses(String name) {
        return addresses.getOrDefault(name, List.of());
    }

    /** The name of a pod by a lower-case name such as {@code 1.0.0.10.in-addr.arpa}. */
    Optional<String> pointer(String name) {
        return Optional.ofNullable(reverse.get(name));
    }

    /** Whether the name exists: has something, or something below it has (RFC 8020). */
    boolean exists(String name) {
        return addresses.containsKey(name) || reverse.containsKey(name) || parents.contains(name);
    }
}
