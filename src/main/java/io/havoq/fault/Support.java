package io.havoq.fault;

/** Whether an engine can carry out a fault here and now. */
public sealed interface Support {
    /** It can. */
    record Supported() implements Support {}

    /** It cannot: why, and what would have to change. */
    record Unsupported(String reason, String remedy) implements Support {}
}
