package io.havoq.fault.chaosmesh;

/**
 * How many of those packets that were sent on a way did not arrive.
 *
 * @param of how many were sent
 */
record LostShare(int lost, int of) {
    /** What chance does less often in one look is none. In six looks at one more and more of a sum, it does so in one series of a hundred at most. */
    private static final double CHANCE = 0.005;

    LostShare {
        lost = Math.max(0, Math.min(lost, of));
    }

    double percent() {
        return of <= 0 ? 0 : 100.0 * lost / of;
    }

    /** Whether more is lost than on the same way before, by more than chance makes of it (Fisher's exact test): none of a few may be chance, too. */
    boolean surelyMoreThan(LostShare before) {
        var all = of + before.of;
        var gone = lost + before.lost;
        var asMany = 0.0;
        for (var here = lost; here <= Math.min(gone, of); here++) {
            if (gone - here <= before.of) {
                asMany += Math.exp(ways(of, here) + ways(before.of, gone - here) - ways(all, gone));
            }
        }
        return lost > 0 && asMany <= CHANCE;
    }

    /** The logarithm of how many choices of some there are. */
    private static double ways(int of, int some) {
        var sum = 0.0;
        for (var i = 1; i <= some; i++) {
            sum += Math.log((double) (of - some + i) / i);
        }
        return sum;
    }
}
