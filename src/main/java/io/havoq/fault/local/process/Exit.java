package io.havoq.fault.local.process;

/**
 * The end of a node's process.
 *
 * @param status exit status; 128 + the signal's number if a signal ended it
 * @param atNanos monotonic nanoseconds
 */
public record Exit(String node, long run, int status, long atNanos) {
    /** For people: {@code exit status 137 (SIGKILL)}. */
    public String description() {
        var meaning =
                switch (status) {
                    case 127 -> " (program not found)";
                    case 130 -> " (SIGINT)";
                    case 134 -> " (SIGABRT)";
                    case 137 -> " (SIGKILL)";
                    case 139 -> " (SIGSEGV)";
                    case 143 -> " (SIGTERM)";
                    default -> "";
                };
        return "exit status " + status + meaning;
    }
}
