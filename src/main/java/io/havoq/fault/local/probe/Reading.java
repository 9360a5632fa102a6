package io.havoq.fault.local.probe;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of a series of datagrams that one node sent to another, which echoed them.
 *
 * @param sent handed to the kernel
 * @param unsent refused by the kernel at the source, such as without a route
 * @param arrived of those sent, intact at the destination: tells a cut of the way there from one of the way back
 * @param answered of those sent, back intact within the bound, each counted once
 * @param unanswered the others of those sent
 * @param duplicates copies beyond the first that came back
 * @param corrupted arrived or came back with another content. Mostly zero: the kernel drops what fails UDP's checksum, see
 *     {@link UdpStatistics#checksumErrors()}
 * @param reordered came back after one that was sent later
 * @param unechoed arrived, but the destination's kernel did not take the echo: a loss of the probe's own
 * @param p50 median round trip, null if none came back
 * @param max longest round trip, null if none came back
 * @param lastFailure what went wrong last at sending, empty if nothing did
 */
public record Reading(
        String source,
        String destination,
        int sent,
        int unsent,
        int arrived,
        int answered,
        int unanswered,
        int duplicates,
        int corrupted,
        int reordered,
        int unechoed,
        @Nullable Duration p50,
        @Nullable Duration max,
        String lastFailure) {}
