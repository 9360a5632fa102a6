package io.havoq.fault.local.loop;

/** What is done when a channel is ready; called on the loop's thread only, and must not block. */
@FunctionalInterface
public interface Ready {
    void ready();
}
