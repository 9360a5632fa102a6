package io.havoq.fault.local.clock;

import java.io.IOException;
import java.util.Optional;

/** Brings one process's clocks to what they should be. */
final class ShiftedProcess {
    private final NodeProcess process;
    private final VdsoPatch patch;

    ShiftedProcess(NodeProcess process, VdsoPatch patch) {
        this.process = process;
        this.patch = patch;
    }

    /** The shift that its vdso shows now. */
    VdsoPatch.State state() throws IOException {
        return patch.state(process.image(patch.size()));
    }

    /** Shifts its clocks so; does nothing where they are. Returns whether something was done. */
    boolean become(Shift shift) throws IOException {
        if (state().shifted().equals(Optional.of(shift))) {
            return false;
        }
        process.writeSafely(patch, patch.apply(shift));
        var now = state();
        if (!now.shifted().equals(Optional.of(shift))) {
            throw new IOException(
                    "process " + process + ": its vdso shows " + now + " after " + shift + " was written");
        }
        return true;
    }

    /** Gives it its clocks back. Returns whether something was done. */
    boolean restore() throws IOException {
        var before = state();
        if (before.shifted().isEmpty() && !before.partly()) {
            return false;
        }
        process.writeSafely(patch, patch.restore());
        var now = state();
        if (now.shifted().isPresent() || now.partly()) {
            throw new IOException("process " + process + ": its vdso shows " + now + " after it was restored");
        }
        return true;
    }
}
