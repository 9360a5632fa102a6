package io.havoq.environment.kubernetes;

import java.time.Instant;

/** What a pod's status says of who keeps the pod down. */
sealed interface PodHold {
    /**
     * The cluster keeps it down, and says why.
     *
     * @param since when it can have begun at the earliest: nothing of the broker's has run since
     */
    record ByCluster(String reason, String text, Instant since) implements PodHold {}

    /** The machine below it is cut off. */
    record CutOff(String text, Instant since) implements PodHold {}

    /** It is being started, and nobody says why that is not done yet. */
    record Starting(String stage, Instant since) implements PodHold {}

    /**
     * It is not there, and that may be its own doing.
     *
     * @param forGood whether nothing that is said later takes that back: the broker may have used up what it needs
     */
    record ByItself(boolean forGood) implements PodHold {}

    /** Its containers run, or have just ended. */
    record Nothing() implements PodHold {}
}
