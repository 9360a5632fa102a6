package io.havoq;

/** How serious a violation is: a MUST fails the experiment, a SHOULD warns, or fails with {@code havoq.strict=true}. */
public enum Level {
    MUST,
    SHOULD
}
