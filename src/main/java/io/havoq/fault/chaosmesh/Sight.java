package io.havoq.fault.chaosmesh;

/** What a probe saw of one target. */
sealed interface Sight {
    /** What was looked for. */
    record Seen(String what) implements Sight {}

    /** Not what was looked for; a later look may. */
    record NotYet(String what) implements Sight {}

    /** Nothing: this look failed; a later one may not. */
    record NotLooked(String why) implements Sight {}

    /** Nothing: there is no way of looking here. */
    record Blind(String why) implements Sight {}

    /** In words. */
    default String text() {
        if (this instanceof Seen seen) {
            return seen.what();
        }
        if (this instanceof NotYet not) {
            return not.what();
        }
        return this instanceof NotLooked failed ? failed.why() : ((Blind) this).why();
    }
}
