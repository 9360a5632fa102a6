package io.havoq;

import java.util.Locale;

/** What an experiment showed, most serious first: that order is the order of precedence. */
public enum Verdict {
    /** A MUST was violated, seen by a check that was itself valid. */
    FAILED,
    /** Nothing could be shown: the fault did not demonstrably act, the load did not flow, something else broke. */
    INCONCLUSIVE,
    /** This environment cannot carry out the fault. */
    UNSUPPORTED,
    /** The fault acted and everything that must hold held. */
    PASSED;

    /** As results write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
