package io.havoq.fault.local.process;

/**
 * The end of a node's process.
 *
 * @param status exit status; 128 + the signal's number if a signal ended it
 * @param atNanos monotonic nanoseconds
 * @param oomKilled whether the kernel ended it for want of memory
 */
public record Exit(String node, long run, int status, long atNanos, boolean oomKilled) {
    /** Not for want of memory. */
    public Exit(String node, long run, int status, long atNanos) {
        this(node, run, status, atNanos, false);
    }

    /** For people: {@code exit status 137 (SIGKILL)}. */
    public String description() {
        if (oomKilled) {
            return "exit status " + status + " (OOMKilled)"; // as a kubelet has it
        }
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
