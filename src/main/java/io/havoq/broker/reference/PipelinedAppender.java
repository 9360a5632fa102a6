package io.havoq.broker.reference;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds one follower with the log, without waiting for its answers: Ratis's own appender for Netty has one request under
 * way, so that an entry waits for up to a round trip until it is sent, and the news of its commit for another. On links of
 * 250 ms that is half of what a publish takes. Requests go over one connection, in order; the follower handles them in order.
 * What is under way is bounded, for heartbeats queue behind it.
 *
 * <p>Everything but {@link #notifyLogAppender} and the arrival of answers happens on the appender's own thread.
 */
final class PipelinedAppender extends LogAppenderBase {
    /** Sends a request after those sent before; never waits for the answer. */
    interface Transport {
        CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) throws IOException;

        /** Breaks the connection to this peer. */
        void reset(String peer);
    }

    private static final Logger LOG = LoggerFactory.getLogger(PipelinedAppender.class);
    /** Covers a round trip of 0.7 s at 130 kB/s, and passes a link of 128 kB/s before the follower calls an election. */
    private static final int WINDOW_BYTES = 96 << 10;

    private static final int WINDOW_REQUESTS = 64;
    /** A follower that lags writes this at once; it passes a link of 128 kB/s in a quarter of a second. */
    private static final int REQUEST_BYTES = 32 << 10;

    /** The news of a commit travels with the next entries, unless none come for as long as entries are gathered. */
    private static final long COMMIT_NEWS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long NO_ENTRY = -1;

    /** A request under way; {@code era} grows whenever sending starts over. */
    private record Pending(long era, long first, long last, int bytes, long sentNanos, Timestamp sent) {}

    private record Answer(
            Pending to,
            @Nullable AppendEntriesReplyProto reply,
            @Nullable Throwable problem) {}

    private final Transport transport;
    private final Semaphore news = new Semaphore(0);
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int pendingBytes;
    private long era;
    private long notBefore = System.nanoTime();
    private long commitSent = NO_ENTRY;
    private long commitSeen = NO_ENTRY;
    private long commitSeenNanos;
    private boolean failing;

    PipelinedAppender(RaftServer.Division server, LeaderState leader, FollowerInfo follower, Transport transport) {
        super(server, leader, follower);
        this.transport = transport;
    }

    @Override
    public long getCallId() {
        return CallId.get();
    }

    @Override
    public Comparator<Long> getCallIdComparator() {
        return CallId.getComparator();
    }

    /** Any thread: something may have to be sent. A permit is left if the appender is not waiting just now. */
    @Override
    public void notifyLogAppender() {
        news.release();
    }

    @Override
    public void run() throws InterruptedException, IOException {
        while (isRunning()) {
            news.drainPermits();
            handleAnswers();
            var now = System.nanoTime();
            var oldest = pending.peek();
            if (oldest != null && now - oldest.sentNanos() > PATIENCE_NANOS) {
                transport.reset(peer());
                startOver("no answer for " + TimeUnit.NANOSECONDS.toMillis(now - oldest.sentNanos()) + " ms");
            }
            if (now - notBefore < 0 || !sendNext(now)) {
                news.tryAcquire(pause(System.nanoTime()), TimeUnit.NANOSECONDS);
            }
            getLeaderState().checkHealth(getFollower());
        }
    }

    private String peer() {
        return getFollowerId().toString();
    }

    private long pause(long now) {
        if (now - notBefore < 0) {
            return notBefore - now;
        }
        var pause = Math.min(LONGEST_WAIT_NANOS, TimeUnit.MILLISECONDS.toNanos(getHeartbeatWaitTimeMs()));
        if (commitSeen > commitSent && !hasAppendEntries()) {
            pause = Math.min(pause, COMMIT_NEWS_NANOS - (now - commitSeenNanos));
        }
        return Math.max(TimeUnit.MILLISECONDS.toNanos(1), pause);
    }

    /** Sends one request, if there is anything to send and room for it. */
    private boolean sendNext(long now) throws IOException {
        var snapshot = shouldInstallSnapshot();
        if (snapshot != null) {
            if (!pending.isEmpty()) {
                return false;
            }
            install(snapshot);
            return true;
        }
        var committed = getRaftLog().getLastCommittedIndex();
        if (committed > commitSeen) {
            commitSeen = committed;
            commitSeenNanos = now;
        }
        var beat = getHeartbeatWaitTimeMs() <= 0;
        var room = pending.isEmpty() || (pendingBytes < WINDOW_BYTES && pending.size() < WINDOW_REQUESTS);
        var entries = room && hasAppendEntries();
        // A follower that lacks entries learns of the commit with those.
        var commit =
                room && !hasAppendEntries() && commitSeen > commitSent && now - commitSeenNanos >= COMMIT_NEWS_NANOS;
        if (!beat && !entries && !commit) {
            return false;
        }
        var request = newAppendEntriesRequest(CallId.getAndIncrement(), !entries);
        if (request == null) {
            return false;
        }
        resetHeartbeatTrigger();
        commitSent = entries ? Math.max(commitSent, request.getLeaderCommit()) : commitSeen;
        send(shortened(request));
        return true;
    }

    /** Ratis's own byte limit has to take the largest single entry, and would refuse it for ever if it did not. */
    private static AppendEntriesRequestProto shortened(AppendEntriesRequestProto request) {
        var bytes = 0;
        var count = 0;
        while (count < request.getEntriesCount() && bytes < REQUEST_BYTES) {
            bytes += request.getEntries(count++).getSerializedSize();
        }
        return count == request.getEntriesCount()
                ? request
                : request.toBuilder()
                        .clearEntries()
                        .addAllEntries(request.getEntriesList().subList(0, count))
                        .build();
    }

    private void send(AppendEntriesRequestProto request) {
        var count = request.getEntriesCount();
        var first = count == 0 ? NO_ENTRY : request.getEntries(0).getIndex();
        var last = count == 0 ? NO_ENTRY : request.getEntries(count - 1).getIndex();
        var sent =
                new Pending(era, first, last, request.getSerializedSize(), System.nanoTime(), Timestamp.currentTime());
        getFollower().updateLastRpcSendTime(count == 0);
        try {
            var reply = transport.append(request);
            pending.add(sent);
            pendingBytes += sent.bytes();
            if (count > 0) {
                getFollower().increaseNextIndex(last + 1);
            }
            var unused = reply.whenComplete((answer, problem) -> {
                answers.add(new Answer(sent, answer, problem));
                notifyLogAppender();
            });
        } catch (IOException e) {
            startOver(e.toString());
        }
    }

    private void handleAnswers() {
        for (var answer = answers.poll(); answer != null; answer = answers.poll()) {
            if (pending.remove(answer.to())) {
                pendingBytes -= answer.to().bytes();
            }
            var reply = answer.reply();
            if (reply == null) {
                if (answer.to().era() == era) {
                    startOver(String.valueOf(answer.problem()), answer.to().first());
                }
            } else if (isRunning()) {
                handle(reply, answer.to());
            }
        }
    }

    private void handle(AppendEntriesReplyProto reply, Pending request) {
        var follower = getFollower();
        follower.updateLastRpcResponseTime();
        follower.updateLastRespondedAppendEntriesSendTime(request.sent());
        getLeaderState().onFollowerCommitIndex(follower, reply.getFollowerCommit());
        switch (reply.getResult()) {
            case SUCCESS -> {
                failing = false;
                // Whatever era it is of: in this term the follower has the log up to there.
                if (request.last() != NO_ENTRY && follower.updateMatchIndex(request.last())) {
                    getLeaderState().onFollowerSuccessAppendEntries(follower);
                }
            }
            case NOT_LEADER -> onFollowerTerm(reply.getTerm());
            case INCONSISTENCY -> {
                if (request.era() == era) {
                    era++;
                    follower.setNextIndex(getNextIndexForInconsistency(request.first(), reply.getNextIndex()));
                }
            }
            default -> LOG.warn("{}: answered {}", this, reply.getResult());
        }
        getLeaderState().onAppendEntriesReply(this, reply);
    }

    private void startOver(String why) {
        startOver(why, NO_ENTRY);
    }

    /** Everything from the oldest entry on that is not known to be with the follower is sent again. */
    private void startOver(String why, long failed) {
        var from = failed;
        for (var request : pending) {
            if (request.era() == era && request.first() != NO_ENTRY) {
                from = from == NO_ENTRY ? request.first() : Math.min(from, request.first());
            }
        }
        if (!failing) {
            failing = true;
            LOG.warn("{}: starts over{}: {}", this, from == NO_ENTRY ? "" : " from entry " + from, why);
        }
        era++;
        // What was told of a commit may be lost.
        commitSent = NO_ENTRY;
        if (from != NO_ENTRY) {
            getFollower().setNextIndex(Math.max(from, getFollower().getMatchIndex() + 1));
        }
        notBefore = System.nanoTime() + RETRY_NANOS;
    }

    private void install(SnapshotInfo snapshot) throws InterruptedIOException {
        LOG.info(
                "{}: sends {} to the follower, which is at {}",
                this,
                snapshot,
                getFollower().getNextIndex());
        InstallSnapshotReplyProto reply = null;
        try {
            for (var request : newInstallSnapshotRequests(UUID.randomUUID().toString(), snapshot)) {
                getFollower().updateLastRpcSendTime(false);
                reply = getServerRpc().installSnapshot(request);
                getFollower().updateLastRpcResponseTime();
                if (!reply.getServerReply().getSuccess()) {
                    break;
                }
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            getServerRpc().handleException(getFollowerId(), e, false);
            startOver(snapshot + " cannot be sent: " + e);
            return;
        }
        if (reply == null) {
            return;
        }
        if (reply.getServerReply().getSuccess()) {
            getFollower().setSnapshotIndex(snapshot.getTermIndex().getIndex());
        }
        switch (reply.getResult()) {
            case NOT_LEADER -> onFollowerTerm(reply.getTerm());
            case SUCCESS, SNAPSHOT_UNAVAILABLE, ALREADY_INSTALLED, SNAPSHOT_EXPIRED ->
                getFollower().setAttemptedToInstallSnapshot();
            default -> LOG.info("{}: snapshot answered {}", this, reply.getResult());
        }
    }
}
