package io.havoq.broker.reference;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis's configuration: small in memory, durable at every commit, no false election at 500 ms of delay. */
final class RaftKeys {
    private RaftKeys() {}

    static RaftProperties of(Arguments arguments) {
        var properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, new RaftRpc.Type());
        NettyConfigKeys.Server.setHost(properties, arguments.raft().host());
        NettyConfigKeys.Server.setPort(properties, arguments.raft().port());
        NettyConfigKeys.Server.setUseEpoll(properties, false);
        NettyConfigKeys.Client.setUseEpoll(properties, false);
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(arguments.data().resolve("raft").toFile()));
        timing(properties, List.copyOf(arguments.peers().keySet()).indexOf(arguments.node()));
        log(properties);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, arguments.snapshotEvery());
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
        // Two connections of the leader, the one that it gave up and its next, are read by two threads. What both
        // append Ratis 3.3.0 composes in an update that is repeated if they meet (ServerImplUtils.NavigableIndices):
        // the entries are appended twice at once, which fails, and so does every later append until the next start.
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
        RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        // One thread keeps what is submitted in order; a pool lets a later entry overtake, and its batches follow a
        // gap.
        RaftServerConfigKeys.ThreadPool.setClientCached(properties, false);
        RaftServerConfigKeys.ThreadPool.setClientSize(properties, 1);
        // The broker's batches carry their own numbers: what Ratis remembers of requests is only memory.
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, seconds(1));
        return properties;
    }

    /**
     * Ratis sleeps a whole election timeout before it looks again, so the death of a leader shows after one to two of
     * them. Less than a second would take 500 ms of delay for a death. The spans differ, so that votes rarely split.
     */
    private static void timing(RaftProperties properties, int place) {
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, millis(1000 + 100L * place));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, millis(1100 + 100L * place));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, millis(200 + 200L * place));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, millis(300 + 200L * place));
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, seconds(2));
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, seconds(3));
        // A process that was stopped steps down and goes on; only a very long stop is beyond its own repair.
        RaftServerConfigKeys.setCloseThreshold(properties, seconds(3600));
    }

    private static void log(RaftProperties properties) {
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("8MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf("2MB"));
        // The byte limit has to take the largest single entry; PipelinedAppender sends less at once.
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.Appender.setBufferElementLimit(properties, 64);
        RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(properties, SizeInBytes.valueOf("64KB"));
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        // A node ends at the first write that fails. That may leave half an entry, which nobody was told of, at the end
        // of
        // its log, and it starts again without it. A segment that is closed must be whole all the same.
        RaftServerConfigKeys.Log.setCorruptionPolicy(
                properties, RaftServerConfigKeys.Log.CorruptionPolicy.WARN_AND_RETURN);
    }

    private static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }

    private static TimeDuration seconds(long seconds) {
        return TimeDuration.valueOf(seconds, TimeUnit.SECONDS);
    }
}
