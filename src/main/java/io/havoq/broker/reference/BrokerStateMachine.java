package io.havoq.broker.reference;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.MD5FileUtil;

/** Feeds Ratis's committed log into the {@link BrokerState}, one thread applying, and keeps its snapshots. */
final class BrokerStateMachine extends BaseStateMachine {
    /** Follows what is applied; called on the thread that applies. */
    interface Listener {
        /** After each batch. */
        void applied(BrokerState state, Batch batch, boolean fresh);

        /** After each entry, that is some batches. */
        void entryApplied();

        /** The state was replaced by a snapshot, from disk or from the leader. */
        void replaced(BrokerState state);
    }

    /** A way to hand in batches of other nodes: answers whether they were submitted. */
    interface Inbox extends Function<byte[], Boolean> {}

    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final String node;
    private final Function<byte[], BrokerState> reader;
    private final Listener listener;
    private final Inbox inbox;
    private BrokerState state;

    BrokerStateMachine(
            String node,
            Supplier<BrokerState> empty,
            Function<byte[], BrokerState> reader,
            Listener listener,
            Inbox inbox) {
        this.node = node;
        this.state = empty.get();
        this.reader = reader;
        this.listener = listener;
        this.inbox = inbox;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage) throws IOException {
        super.initialize(server, groupId, raftStorage);
        storage.init(raftStorage);
        getLifeCycle().startAndTransition(() -> load(storage.loadLatestSnapshot()));
    }

    @Override
    public void pause() {
        getLifeCycle().transition(org.apache.ratis.util.LifeCycle.State.PAUSING);
        getLifeCycle().transition(org.apache.ratis.util.LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        // Ratis leaves it to the state machine to run again; otherwise the next install finds a zombie.
        getLifeCycle().startAndTransition(() -> load(storage.loadLatestSnapshot()));
    }

    private synchronized void load(@org.jspecify.annotations.Nullable SingleFileSnapshotInfo snapshot)
            throws IOException {
        if (snapshot == null) {
            return;
        }
        var file = snapshot.getFile().getPath();
        if (snapshot.getFile().getFileDigest() != null) {
            MD5FileUtil.verifySavedMD5(file.toFile(), snapshot.getFile().getFileDigest());
        }
        state = reader.apply(Files.readAllBytes(file));
        setLastAppliedTermIndex(snapshot.getTermIndex());
        listener.replaced(state);
    }

    @Override
    public synchronized CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        try {
            for (var bytes :
                    Bundler.batches(entry.getStateMachineLogEntry().getLogData().toByteArray())) {
                var batch = Batch.decoded(bytes);
                listener.applied(state, batch, state.apply(batch, entry.getTerm()));
            }
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            listener.entryApplied();
        } catch (RuntimeException | Error e) {
            // Half an entry applied would make this node differ from the others for ever.
            Fatal.halt("applying log entry " + entry.getTerm() + ":" + entry.getIndex(), e);
        }
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    @Override
    public CompletableFuture<Message> queryStale(Message request, long minIndex) {
        // The other nodes' batches come as stale reads, because Ratis answers those without waiting for the log.
        // An empty one only asks who this node is.
        var batch = request.getContent().toByteArray();
        if (batch.length == 0) {
            return CompletableFuture.completedFuture(Message.valueOf(node));
        }
        var taken = inbox.apply(batch);
        return CompletableFuture.completedFuture(
                Message.valueOf(ByteString.copyFrom(new byte[] {(byte) (taken ? 1 : 0)})));
    }

    /** The state as a snapshot has it. */
    synchronized byte[] copy() {
        return state.write();
    }

    @Override
    public long takeSnapshot() throws IOException {
        TermIndex last = getLastAppliedTermIndex();
        Path file = storage.getSnapshotFile(last.getTerm(), last.getIndex()).toPath();
        var temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (var channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            var bytes = java.nio.ByteBuffer.wrap(state.write());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        var digest = MD5FileUtil.computeAndSaveMd5ForFile(file.toFile());
        storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(file, digest), last));
        return last.getIndex();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    @Override
    public org.apache.ratis.statemachine.SnapshotInfo getLatestSnapshot() {
        return storage.getLatestSnapshot();
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
        Fatal.halt("writing the log", cause);
    }
}
