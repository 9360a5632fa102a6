package io.havoq.environment.kubernetes;

import io.havoq.manifest.ChaosSpec;
import java.util.function.Predicate;

/**
 * One line of the preflight.
 *
 * @param found what is there
 * @param remedy what to do; empty where nothing is
 * @param needs which faults are impossible without it
 * @param everything whether no experiment is possible without it, not even one without a fault
 */
record PreflightRow(
        String what, State state, String found, String remedy, Predicate<ChaosSpec> needs, boolean everything) {
    /** How it stands. */
    enum State {
        OK,
        MISSING,
        /** Missing, and experiments run without it; or it may not be looked at. */
        WARNING
    }

    static PreflightRow ok(String what, String found) {
        return new PreflightRow(what, State.OK, found, "", spec -> false, false);
    }

    static PreflightRow warning(String what, String found, String remedy) {
        return new PreflightRow(what, State.WARNING, found, remedy, spec -> false, false);
    }

    /** Without which some faults are impossible. */
    static PreflightRow missingFor(Predicate<ChaosSpec> needs, String what, String found, String remedy) {
        return new PreflightRow(what, State.MISSING, found, remedy, needs, false);
    }

    /** Without which nothing is possible. */
    static PreflightRow missing(String what, String found, String remedy) {
        return new PreflightRow(what, State.MISSING, found, remedy, spec -> true, true);
    }
}
