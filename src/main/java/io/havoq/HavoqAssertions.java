package io.havoq;

/** Entry point of Havoq's assertions, to be imported beside AssertJ's own. */
public final class HavoqAssertions {
    private HavoqAssertions() {}

    /** Assertions on some nodes of the cluster. */
    public static NodeGroupAssert assertThat(NodeGroup actual) {
        return new NodeGroupAssert(actual);
    }
}
