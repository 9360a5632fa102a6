package io.havoq.report;

/** Text for consoles and logs of any encoding: one line of printable ASCII. */
final class Ascii {
    private Ascii() {}

    static String of(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " | ").replaceAll("[^\\x20-\\x7e]", "?");
    }
}
