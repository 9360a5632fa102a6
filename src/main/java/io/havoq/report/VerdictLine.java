package io.havoq.report;

import io.havoq.Verdict;

/** A verdict and its reason as one sentence; the reason is a list, whose dashes have their place at the beginning of a line only. */
final class VerdictLine {
    private VerdictLine() {}

    static String of(ExperimentResult result) {
        return result.verdict().word()
                + result.reason()
                        .map(reason ->
                                (result.verdict() == Verdict.PASSED ? ", with warnings: " : ": ") + plain(reason))
                        .orElse("");
    }

    /** The same list without its dashes. */
    static String plain(String reason) {
        return reason.replaceAll("(?m)^- ", "");
    }
}
