package io.havoq.fault.local.syscall;

import java.io.IOException;
import java.util.List;

/** Has processes watched that run. */
@FunctionalInterface
interface Attaching {
    /** Returns when they are watched, or have ended; throws if one is not, though it runs. */
    void attach(List<Attachable> processes) throws IOException;
}
