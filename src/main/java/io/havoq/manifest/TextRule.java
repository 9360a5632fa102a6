package io.havoq.manifest;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a text in a manifest must look like: finds what is wrong with it, and says what was expected. */
@FunctionalInterface
interface TextRule {
    /** A name that is one DNS label (RFC 1123): namespaces, containers, chaos objects. */
    TextRule DNS_LABEL = pattern(
            "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
            "is not a DNS label: expected at most 63 of a-z, 0-9 and '-', with a letter or digit at both ends");

    /** A name of dot-separated DNS labels (RFC 1123): pods and machines. */
    TextRule DNS_SUBDOMAIN = pattern(
            "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
            "is not a DNS name: expected at most 253 of a-z, 0-9, '-' and '.', with a letter or digit at both ends");

    /** A key of a Kubernetes label or annotation, with or without a prefix. */
    TextRule LABEL_KEY = pattern(
            "((?=[^/]{1,253}/)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*/)?"
                    + "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?",
            "is not a label key: expected e.g. app or app.kubernetes.io/name");

    /** A value of a Kubernetes label; Chaos Mesh parses annotation values by the same rule. */
    TextRule LABEL_VALUE = pattern(
            "([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?",
            "is not a label value: expected at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends");

    /** What is wrong with the text, to be printed after it; empty if nothing is. */
    Optional<String> complaint(String text);

    /** This rule, then another one. */
    default TextRule and(TextRule other) {
        return text -> complaint(text).or(() -> other.complaint(text));
    }

    /** One of a few words. */
    static TextRule oneOf(List<String> expected) {
        return text -> expected.contains(text)
                ? Optional.empty()
                : Optional.of("is unknown: expected " + Words.orList(expected) + Words.didYouMean(text, expected));
    }

    private static TextRule pattern(String regex, String complaint) {
        var pattern = Pattern.compile(regex);
        return text -> pattern.matcher(text).matches() ? Optional.empty() : Optional.of(complaint);
    }
}
