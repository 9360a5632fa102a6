package io.havoq;

import java.time.Duration;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;

/** Assertions on some nodes of the cluster: the survivors of a kill, one side of a partition. */
public final class NodeGroupAssert extends AbstractAssert<NodeGroupAssert, NodeGroup> {
    private Optional<Duration> bound = Optional.empty();
    private Optional<Duration> span = Optional.empty();

    NodeGroupAssert(NodeGroup actual) {
        super(actual, NodeGroupAssert.class);
    }

    /** The following assertions wait for so long instead of {@code havoq.assert.bound}. */
    public NodeGroupAssert within(Duration bound) {
        this.bound = Optional.of(bound);
        return this;
    }

    /** {@link #refuseClients} requires refusal for so long instead of {@code havoq.assert.refusal-span}. */
    public NodeGroupAssert forAtLeast(Duration span) {
        this.span = Optional.of(span);
        return this;
    }

    /** Every node takes a new connection and carries a QoS 1 message within the bound. Fails if there is no node. */
    public NodeGroupAssert serveClients() {
        isNotNull();
        var most = bound.orElseGet(actual::bound);
        refuseNobody("serve");
        var failures = actual.failures(most);
        if (!failures.isEmpty()) {
            throw failure(
                    "expected every node of %s to serve clients within %s, but %s", actual.name(), most, failures);
        }
        return this;
    }

    /**
     * Every node stops accepting new connections, and acknowledging QoS 1 publishes on those from before the fault, within the
     * bound, and keeps to that for the span: a minority takes some seconds to notice. Fails if there is no node.
     */
    public NodeGroupAssert refuseClients() {
        isNotNull();
        var most = bound.orElseGet(actual::bound);
        var least = span.orElseGet(actual::refusalSpan);
        refuseNobody("refuse");
        var acceptances = actual.acceptances(most, least);
        if (!acceptances.isEmpty()) {
            throw failure(
                    "expected every node of %s to refuse clients for %s, beginning within %s, but %s",
                    actual.name(), least, most, acceptances);
        }
        return this;
    }

    private void refuseNobody(String what) {
        if (actual.endpoints().isEmpty()) {
            throw failure(
                    "expected %s to %s clients, but there is no such node: the fault touched every one (of a partition ask"
                            + " for majority() and minority())",
                    actual.name(), what);
        }
    }
}
