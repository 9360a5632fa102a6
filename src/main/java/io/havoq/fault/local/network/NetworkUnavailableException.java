package io.havoq.fault.local.network;

import java.io.IOException;

/** The nodes cannot have a network of their own on this machine: why, and what would have to change. */
public final class NetworkUnavailableException extends IOException {
    private static final long serialVersionUID = 1;

    private final String reason;
    private final String remedy;

    public NetworkUnavailableException(String reason, String remedy, Throwable cause) {
        super(reason + ". Remedy: " + remedy, cause);
        this.reason = reason;
        this.remedy = remedy;
    }

    /** What is missing. */
    public String reason() {
        return reason;
    }

    /** What would have to change. */
    public String remedy() {
        return remedy;
    }
}
