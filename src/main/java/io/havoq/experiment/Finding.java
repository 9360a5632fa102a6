package io.havoq.experiment;

import io.havoq.Level;
import java.util.Optional;

/** One thing that an experiment found; the verdict follows from all of them. */
sealed interface Finding {
    /** What was found, for people. */
    String message();

    /**
     * A rule was broken.
     *
     * @param check the invariant's or check's word
     * @param selfEvident whether it stands without proof that the fault acted, as what the ledger establishes does
     */
    record Violated(String check, Level level, String message, boolean selfEvident, Optional<Throwable> cause)
            implements Finding {}

    /** Something could not be shown. */
    record Unproven(String message, Optional<Throwable> cause) implements Finding {}

    /** This environment cannot do it. */
    record CannotDo(String reason, String remedy) implements Finding {
        @Override
        public String message() {
            return reason + " -> " + remedy;
        }
    }
}
