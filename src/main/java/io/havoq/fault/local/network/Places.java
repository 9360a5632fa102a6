package io.havoq.fault.local.network;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Who is on the nodes' network: the nodes, and {@link NetworkControl#CLIENTS}. */
record Places(Map<String, NetworkControl.Address> addresses) {
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

    Places {
        addresses = Map.copyOf(addresses);
    }

    Collection<String> names() {
        return addresses.keySet();
    }

    /**
     * The places that an external target of a manifest means: an address, a network, or a host name with or without its
     * domain.
     *
     * @return none if it means none of them
     */
    Set<String> named(String external) {
        var found = new TreeSet<String>();
        addresses.forEach((place, address) -> {
            if (means(external, place, address)) {
                found.add(place);
            }
        });
        return found;
    }

    private static boolean means(String external, String place, NetworkControl.Address address) {
        int slash = external.indexOf('/');
        var host = slash < 0 ? external : external.substring(0, slash);
        if (IPV4.matcher(host).matches()) {
            int bits = slash < 0 ? Integer.SIZE : Integer.parseInt(external.substring(slash + 1));
            int mask = bits == 0 ? 0 : -1 << (Integer.SIZE - bits);
            return (number(host) & mask) == (number(address.ip()) & mask);
        }
        var asked = host.toLowerCase(Locale.ROOT);
        var full = address.hostName().toLowerCase(Locale.ROOT);
        return asked.equals(place) || asked.equals(full) || full.startsWith(asked + ".");
    }

    private static int number(String ip) {
        int number = 0;
        for (var part : ip.split("\\.", -1)) {
            number = number << Byte.SIZE | Integer.parseInt(part);
        }
        return number;
    }
}
