package io.havoq.manifest;

/** How many of the matching pods are hit (Chaos Mesh {@code spec.mode} and {@code spec.value}). */
public sealed interface Mode {
    /** As a manifest writes it in {@code spec.mode}. */
    String text();

    /** One, at random. */
    record One() implements Mode {
        @Override
        public String text() {
            return "one";
        }
    }

    /** Every one. */
    record All() implements Mode {
        @Override
        public String text() {
            return "all";
        }
    }

    /** This many, at random; fewer if fewer match. */
    record Fixed(int count) implements Mode {
        /** Refuses what hits nothing. */
        public Fixed {
            if (count < 1) {
                throw new IllegalArgumentException("fixed " + count + " hits nothing: expected 1 or more");
            }
        }

        @Override
        public String text() {
            return "fixed";
        }
    }

    /**
     * This share of them in percent, at random, rounded up as Chaos Mesh does ({@code pkg/selector/generic/mode.go}):
     * at least one is hit.
     */
    record FixedPercent(int percent) implements Mode {
        /** Refuses what hits nothing. */
        public FixedPercent {
            checkPercent(percent);
        }

        @Override
        public String text() {
            return "fixed-percent";
        }
    }

    /**
     * A share drawn at random up to this percentage, rounded up. Chaos Mesh draws from 0 and then may hit nothing; Havoq
     * draws from 1, since an experiment that hits nothing shows nothing.
     */
    record RandomMaxPercent(int percent) implements Mode {
        /** Refuses what hits nothing. */
        public RandomMaxPercent {
            checkPercent(percent);
        }

        @Override
        public String text() {
            return "random-max-percent";
        }
    }

    private static void checkPercent(int percent) {
        if (percent < 1 || percent > 100) {
            throw new IllegalArgumentException(percent + " % is out of range: expected 1 to 100");
        }
    }
}
