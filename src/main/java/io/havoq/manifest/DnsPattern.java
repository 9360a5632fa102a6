package io.havoq.manifest;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which names a DNSChaos hits: {@code ?} stands for one character, whatever it is, and {@code *} at the end for any number of
 * them, none included. Everything else must be equal, letter case too.
 *
 * <p>Chaos Mesh's DNS server compares with the name as it is asked for, which ends in a dot ({@code k8s_dns_chaos},
 * {@code handler.go}: {@code state.QName()}); a pattern without a {@code *} is tried with and without that dot
 * ({@code grpc_server.go}). {@code *} anywhere but at the end is refused there ({@code table-rule-selector}). Brackets, which the
 * selector would read as a range, are not documented and refused here.
 *
 * @param text as in the manifest
 */
public record DnsPattern(String text) {
    private static final String FORMS =
            ": expected a name such as emqx-go-0.emqx-go-headless.default.svc.cluster.local, with ?"
                    + " for one character, or the beginning of one and * at its end, e.g. emqx-go-*";
    private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^A-Za-z0-9._?*-]");
    private static final Pattern IMPOSSIBLE = Pattern.compile("\\..*|.*\\.\\..*|.*[^.?*]{64}.*|.{255,}");

    /** What a pattern must look like to match anything ever. */
    static final TextRule RULE = text -> complaint(text).map(words -> words + FORMS);

    /** Refuses a pattern that never matches. */
    public DnsPattern {
        complaint(text).ifPresent(words -> {
            throw new IllegalArgumentException("DNS pattern '" + text + "' " + words + FORMS);
        });
    }

    private static Optional<String> complaint(String text) {
        if (text.isEmpty()) {
            return Optional.of("is empty, which Chaos Mesh refuses");
        }
        var star = text.indexOf('*');
        if (star >= 0 && star < text.length() - 1) {
            return Optional.of("has a * before its end, with which Chaos Mesh never injects");
        }
        if (OTHER_CHARACTERS.matcher(text).find()) {
            return Optional.of("never matches, it has characters that are in no name");
        }
        if (!text.equals(text.toLowerCase(Locale.ROOT))) {
            return Optional.of(
                    "has capital letters, and Chaos Mesh compares letter case: names are asked for in small ones");
        }
        return IMPOSSIBLE.matcher(text).matches()
                ? Optional.of("never matches, no name is like that")
                : Optional.empty();
    }

    /**
     * Whether a question for this name is hit.
     *
     * @param name as it is asked for, with or without the dot at the end
     */
    public boolean matches(String name) {
        var asked = name.endsWith(".") ? name : name + ".";
        if (text.endsWith("*")) {
            var beginning = text.substring(0, text.length() - 1);
            return asked.length() >= beginning.length() && equal(beginning, asked.substring(0, beginning.length()));
        }
        return equal(text, asked) || equal(text + ".", asked);
    }

    private static boolean equal(String pattern, String name) {
        if (pattern.length() != name.length()) {
            return false;
        }
        for (int index = 0; index < pattern.length(); index++) {
            if (pattern.charAt(index) != '?' && pattern.charAt(index) != name.charAt(index)) {
                return false;
            }
        }
        return true;
    }
}
