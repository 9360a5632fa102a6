package io.havoq.fault.chaosmesh;

import java.security.SecureRandom;
import java.util.Locale;

/** Names of chaos objects: never used twice, since a spec cannot be changed ({@code Cannot update chaos spec}). */
final class ObjectName {
    /** One DNS label (RFC 1123), as Chaos Mesh needs it: it names other objects after its own. */
    private static final int LONGEST = 63;

    private static final int SUFFIX = 6;
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    private ObjectName() {}

    /** The experiment's id, as far as it fits, and a random suffix. */
    static String unique(String id) {
        var clean = id.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        var cut = clean.substring(0, Math.min(clean.length(), LONGEST - SUFFIX - 1))
                .replaceAll("-+$", "");
        var suffix = new StringBuilder();
        for (var i = 0; i < SUFFIX; i++) {
            suffix.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return cut.isEmpty() ? "havoq-" + suffix : cut + "-" + suffix;
    }
}
