package io.havoq.fault.local.stress;

import io.havoq.fault.FaultException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What memory this machine has to spare. */
final class Memory {
    /** Never taken from the machine, whatever a manifest says. */
    static final long RESERVE = 256L << 20;

    private Memory() {}

    /** Refuses before anything starts: {@code wanted} bytes more than are in use now may come to be used. */
    static void demand(String id, long wanted) {
        refuseIfShort(id, wanted, available());
    }

    static void refuseIfShort(String id, long wanted, long available) {
        if (wanted + RESERVE > available) {
            throw new FaultException(id + ": the memory stress could take " + mebibytes(wanted)
                    + " MiB, and this machine has " + mebibytes(available) + " MiB available, of which "
                    + mebibytes(RESERVE)
                    + " stay free: nothing was injected; lower havoq.local.memory, or stress fewer nodes at once");
        }
    }

    private static long available() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo"), StandardCharsets.US_ASCII).stream()
                    .filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new FaultException(
                    "it cannot be told how much memory this machine has available: " + e.getMessage(), e);
        }
    }

    static long mebibytes(long bytes) {
        return bytes >> 20;
    }
}
