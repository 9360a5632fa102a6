package io.havoq.fault.local.syscall;

import java.io.IOException;

/**
 * A tracer, in a program of its own. Arguments: the process; {@code interrupted} to have it make a call that takes longer than may be and to
 * let it go, {@code hold} to have made a call and to keep it stopped. Says how far it is.
 */
final class RemoteThreadMain {
    private static final long NR_POLL = 7;
    private static final long NR_GETPID = 39;
    private static final long MINUTE_MILLIS = 60_000;

    private RemoteThreadMain() {}

    public static void main(String[] arguments) throws IOException {
        long pid = Long.parseLong(arguments[0]);
        try (var thread = RemoteThread.stop(pid, pid)) {
            if (arguments[1].equals("interrupted")) {
                try {
                    System.out.println("returned " + thread.tryCall(NR_POLL, 0, 0, MINUTE_MILLIS));
                } catch (IOException e) {
                    System.out.println(e.getMessage());
                }
            } else {
                System.out.println("holds " + thread.call("getpid", NR_GETPID));
                System.out.println("read " + System.in.read());
            }
        }
        System.out.println("let go");
        // else its tracee is let go by its end, not by what is tried
        System.out.println("read " + System.in.read());
    }
}
