package io.havoq.broker.reference;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The way of a node's batches to whoever leads the cluster. */
interface Uplink {
    /** A leader and its term; the same node elected again is another leader. */
    record Leader(String node, long term) {}

    /** The leader as this node knows it, null while it knows none. Cheap. */
    @Nullable
    Leader leader();

    /**
     * Hands a batch to the leader, after those handed over before. True means only that it was taken: whether it got into the log
     * shows when it is applied. False, or an exception, asks for another attempt. Never blocks.
     */
    CompletableFuture<Boolean> offer(Leader leader, byte[] batch);
}
