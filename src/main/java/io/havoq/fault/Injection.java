package io.havoq.fault;

import io.havoq.environment.Target;
import java.util.List;

/** A fault that was injected: what it hit, what was observed of it, and its removal. Thread-safe. */
public interface Injection {
    /** The targets as they were right before. */
    List<Target> targets();

    /** When the engine was told, in monotonic nanoseconds. */
    long requestedAtNanos();

    /**
     * When the fault began: for a kill the earliest exit of a process, else when the engine had put it in place; in
     * monotonic nanoseconds.
     */
    long injectedAtNanos();

    /** What has been observed so far; complete when {@link #acted()}. */
    List<Proof> effect();

    /** Whether every target was demonstrably hit. */
    boolean acted();

    /** The targets whose process it ended so far, though it is no kill by its kind: their connections ended too. */
    default List<String> alsoEnded() {
        return List.of();
    }

    /** The targets on which a fault that lasts has done what it does, and which are without it from then on: it ended their process. */
    default List<String> spent() {
        return List.of();
    }

    /** A kill is over as soon as it happened; other faults stay in force until they are removed. */
    boolean oneShot();

    /** Whether it may take packets away, which are then missing for another fault's proof as well. */
    default boolean mayDrop() {
        return true;
    }

    /** Whether the fault is in force on every target now; meaningless for one-shot faults. */
    boolean inForce();

    /** Removes the fault. Idempotent, returns when the engine has done its part; throws {@link FaultException} if it could not. */
    void remove();

    /**
     * Why the engine itself cannot vouch that the fault acted as specified while it was in force, with the figures: its own
     * lateness or drops beyond a stated bound. Asked once, right after {@link #remove()} returned; anything but an empty list makes the
     * experiment inconclusive.
     */
    default List<String> doubts() {
        return List.of();
    }

    /** What the engine counted while the fault was in force, one line each, for people. Asked right after {@link #remove()}, and when all is gone. */
    default List<String> figures() {
        return List.of();
    }

    /** Whether nothing of the fault is left on any target: the processes that it stopped run again, the rules are gone. */
    boolean gone();

    /**
     * What was seen of the fault still acting when {@link #gone()} was last asked, one line each, with what to do. A target that is merely not as
     * before is none: that may be its own failure.
     */
    default List<String> left() {
        return List.of();
    }

    /**
     * Where {@link #gone()} could not see that nothing is left and nothing was seen of the fault either: what was seen instead, one line each.
     * It may be the target's own failure as well.
     */
    default List<String> untold() {
        return List.of();
    }
}
