package io.havoq.fault.local.relay;

/**
 * What went over one route of a {@link Relay} so far.
 *
 * @param open connections at present
 * @param accepted connections taken from clients
 * @param failed of these, those whose far leg could not be connected, which the client saw as a reset
 * @param reset connections ended by a reset of either side
 * @param bytesToTarget bytes read from clients
 * @param bytesFromTarget bytes read from the target
 * @param lastFailure what went wrong last, empty if nothing did
 */
public record RouteCounters(
        long open,
        long accepted,
        long failed,
        long reset,
        long bytesToTarget,
        long bytesFromTarget,
        String lastFailure) {}
