package io.havoq.manifest;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What stands in {@code externalTargets} (Chaos Mesh {@code controllers/podnetworkchaos/netutils/cidr.go}): an IPv4 address, a
 * network or a name, each with or without a port.
 */
final class ExternalTarget {
    private static final Pattern FORM = Pattern.compile("([^:/]+)(/[0-9]{1,2})?(:[0-9]{1,5})?");
    private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");
    private static final Pattern ADDRESS = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

    static final TextRule RULE = text -> {
        if (text.chars().filter(character -> character == ':').count() > 1) {
            return Optional.of("is an IPv6 address, with which Chaos Mesh does not work: expected IPv4 or a name");
        }
        return valid(text)
                ? Optional.empty()
                : Optional.of(
                        "is not an external target: expected an IPv4 address, a network or a name, with or without a port,"
                                + " e.g. 10.0.0.7, 10.0.0.0/8, db.example.org:5432");
    };

    private ExternalTarget() {}

    private static boolean valid(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return false;
        }
        var network = Optional.ofNullable(form.group(2)).map(bits -> Integer.parseInt(bits.substring(1)));
        var port = Optional.ofNullable(form.group(3)).map(number -> Integer.parseInt(number.substring(1)));
        if (port.isPresent() && (port.get() < 1 || port.get() > 65_535)) {
            return false;
        }
        if (DIGITS_AND_DOTS.matcher(form.group(1)).matches()) {
            return isAddress(form.group(1)) && network.orElse(32) <= 32;
        }
        return network.isEmpty()
                && TextRule.DNS_SUBDOMAIN.complaint(form.group(1)).isEmpty();
    }

    private static boolean isAddress(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            return false;
        }
        for (var octet : text.split("\\.", -1)) {
            if (Integer.parseInt(octet) > 255) {
                return false;
            }
        }
        return true;
    }
}
