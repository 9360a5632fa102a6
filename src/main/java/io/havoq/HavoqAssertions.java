package io.havoq;

/** Entry point of Havoq's assertions, to be imported beside AssertJ's own. */
public final class HavoqAssertions {
    private HavoqAssertions() {}

    /** Assertions on the nodes that a fault did not hit. */
    public static SurvivorsAssert assertThat(Survivors actual) {
        return new SurvivorsAssert(actual);
    }
}
