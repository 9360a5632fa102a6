package io.havoq.fault.local.network;

import java.io.IOException;

/** A system call failed; the message says which and why, the number is for those who can do something about it. */
final class SystemCallException extends IOException {
    private final int errno;

    SystemCallException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    int errno() {
        return errno;
    }

    boolean isRefusal() {
        return errno == Libc.EPERM || errno == Libc.EACCES;
    }
}
