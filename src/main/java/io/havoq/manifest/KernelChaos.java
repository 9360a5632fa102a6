package io.havoq.manifest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Lets allocations or block I/O of a pod's processes fail in the kernel, and so their system calls. Does not work in Chaos Mesh up to
 * 2.8.3 ({@code too few parts of namespacedname}).
 *
 * @param failure what fails
 * @param headers of the kernel, which the callchain's parameters and predicates need
 * @param callchain from where; empty: from anywhere
 * @param probability in percent
 * @param times how often at most; empty: without a bound
 */
public record KernelChaos(
        String name,
        Failure failure,
        Selection selection,
        List<String> headers,
        List<Frame> callchain,
        int probability,
        Optional<Integer> times,
        Optional<Duration> duration)
        implements ChaosSpec {
    /** Copies the lists. */
    public KernelChaos {
        headers = List.copyOf(headers);
        callchain = List.copyOf(callchain);
        if (probability < 1 || probability > 100) {
            throw new IllegalArgumentException("probability " + probability + " is out of range: expected 1 to 100");
        }
    }

    /** {@code failtype} (Chaos Mesh {@code kernelchaos_types.go}), by its number. */
    public enum Failure {
        /** {@code should_failslab}. */
        SLAB(0, "slab"),
        /** {@code should_fail_alloc_page}. */
        PAGE(1, "page"),
        /** {@code should_fail_bio}. */
        BIO(2, "bio");

        private final int number;
        private final String text;

        Failure(int number, String text) {
            this.number = number;
            this.text = text;
        }

        /** As {@code failtype} has it. */
        int number() {
            return number;
        }

        /** In a word. */
        public String text() {
            return text;
        }
    }

    /** A function of the kernel. */
    public record Frame(String function, Optional<String> parameters, Optional<String> predicate) {
        /** Whatever its arguments are. */
        public static Frame of(String function) {
            return new Frame(function, Optional.empty(), Optional.empty());
        }
    }

    @Override
    public String kind() {
        return "KernelChaos";
    }

    @Override
    public String action() {
        return failure.text();
    }

    /** It hits pods as a whole. */
    @Override
    public List<String> containerNames() {
        return List.of();
    }

    @Override
    public KernelChaos withSelection(Selection other) {
        return new KernelChaos(name, failure, other, headers, callchain, probability, times, duration);
    }
}
