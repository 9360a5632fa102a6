package io.havoq.fault.chaosmesh;

import java.util.Optional;

/**
 * Looks at one target by other means than Chaos Mesh's word, before, while and after the fault is in force. Never throws because of what
 * it does not see. To be used by one thread at a time.
 */
interface EffectProbe {
    /** Takes what is normal, before the injection. */
    void before(PodView pod);

    /**
     * Another probe of the same fault and target, that has not looked so far: for what is normal amid the experiment's other faults, against
     * which this one's effect is seen. What is normal without any is what is to be back after all.
     *
     * @param dropping whether one of those may take packets away
     */
    default EffectProbe amidOthers(boolean dropping) {
        return this;
    }

    /** Whether the fault acts on the target, or has acted. */
    Sight during(Optional<PodView> pod);

    /**
     * It was seen, and whoever asks {@link #during} from now on wants to know whether it is still there: nothing counts that was seen earlier.
     *
     * @return how often to ask before it is taken for gone, since a share of packets or operations may miss some looks
     */
    default int lookAgain() {
        return 3;
    }

    /** Whether nothing of it is left. */
    Sight after(Optional<PodView> pod);

    /**
     * What is still seen of it, asked right after {@link #after} has not seen that nothing is left; empty where nobody can tell: what the
     * target's own failure, another pod's, or something from before the removal may be, is none.
     */
    default Optional<String> leftover(PodView pod) {
        return during(Optional.of(pod)) instanceof Sight.Seen seen ? Optional.of(seen.what()) : Optional.empty();
    }

    /**
     * Takes away what the engine has left and cannot take away any more; asked where {@link #leftover} was seen and nobody else will do it.
     *
     * @return what was done; empty if nothing could be
     */
    default Optional<String> mend(PodView pod) {
        return Optional.empty();
    }

    /** Removes what the probe itself may have left on the target; what is still there, in words. Asked once nothing of the fault is left. */
    default Optional<String> litter(PodView pod) {
        return Optional.empty();
    }

    /**
     * Whether the fault is what made a container end itself that was restarted since: then it has done what it does, though what was
     * started anew is without it.
     *
     * @return how that was seen; empty if nobody can tell
     */
    default Optional<String> ending(PodView pod) {
        return Optional.empty();
    }
}
