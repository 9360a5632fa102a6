package io.havoq.fault.local.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process of this machine, told apart from a later one of the same pid by its start time.
 *
 * @param startTicks field 22 of proc(5) stat: clock ticks after boot
 */
record HostProcess(long pid, long startTicks) {
    static Optional<HostProcess> of(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            // A zombie ran its course; its entry stays until its parent has looked.
            return fields[0].equals("Z") || fields[0].equals("X")
                    ? Optional.empty()
                    : Optional.of(new HostProcess(pid, Long.parseLong(fields[19])));
        } catch (IOException e) {
            return Optional.empty(); // there is none, or no /proc on this system
        }
    }

    boolean exists() {
        return of(pid).equals(Optional.of(this));
    }

    @Override
    public String toString() {
        return pid + " (started at tick " + startTicks + ")";
    }
}
