package io.havoq.fault.local.syscall;

import java.nio.file.Path;
import java.util.Map;

/** Whether the nodes' system calls can be delayed and failed. */
public sealed interface SyscallSupport {
    /**
     * They can.
     *
     * @param volumes the nodes' data directories
     */
    record Available(SyscallControl control, Map<String, Path> volumes) implements SyscallSupport {
        /** Copies what is given. */
        public Available {
            volumes = Map.copyOf(volumes);
        }
    }

    /** They cannot: why, and what would have to change. */
    record Unavailable(String reason, String remedy) implements SyscallSupport {}
}
