package io.havoq.environment.local;

import io.havoq.fault.local.stress.GroupKeeper;
import io.havoq.fault.local.stress.GroupPlace;
import io.havoq.fault.local.stress.NodeGroups;
import io.havoq.fault.local.stress.StressSupport;
import io.havoq.journal.Journal;
import io.havoq.journal.Undo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The control group of each node of one cluster, from before its first start until its processes are gone. Thread-safe. */
final class NodeLimits {
    private static final System.Logger LOG = System.getLogger(NodeLimits.class.getName());

    private final Journal journal;
    private final String owner;
    private final double cpus;
    private final long memoryBytes;
    private volatile StressSupport.Limits limits =
            new StressSupport.Limits.None("the cluster was not started", "start it");
    private @Nullable GroupKeeper keeper;
    private GroupPlace place = new GroupPlace.Nowhere("", "");

    NodeLimits(Journal journal, String owner, double cpus, long memoryBytes) {
        this.journal = journal;
        this.owner = owner;
        this.cpus = cpus;
        this.memoryBytes = memoryBytes;
    }

    /** A group for each node, recorded before it is made; without any, the nodes use what there is. */
    synchronized void make(List<String> names) {
        limits = made(names);
    }

    private StressSupport.Limits made(List<String> names) {
        place = GroupPlace.find(owner);
        if (place instanceof GroupPlace.Nowhere nowhere) {
            return new StressSupport.Limits.None(nowhere.reason(), nowhere.remedy());
        }
        var number = 0;
        for (var directory : place.directories()) {
            journal.record(Undo.group(owner + "-group-" + ++number, directory));
        }
        try {
            keeper = GroupKeeper.of(place, owner);
            return new StressSupport.Limits.Groups(NodeGroups.make(place, names, cpus), cpus, memoryBytes);
        } catch (IOException e) {
            remove();
            return new StressSupport.Limits.None(
                    "control groups cannot be made: " + e.getMessage(),
                    "run as root, or where this user may make control groups");
        }
    }

    /** What was made, or why nothing was. */
    StressSupport.Limits limits() {
        return limits;
    }

    /** How often the kernel has ended processes of a node for want of memory; 0 where it has no group. */
    long oomKills(String node) {
        return limits instanceof StressSupport.Limits.Groups groups
                ? groups.groups().oomKills(node)
                : 0;
    }

    /** A group can be removed when its processes are gone. Idempotent. */
    synchronized void remove() {
        try {
            NodeGroups.remove(place);
            var present = keeper;
            if (present != null) {
                present.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, e.getMessage() + "; the next run will");
        }
    }

    /** Whether this is the record of a group that could not be removed, and so has to stay. */
    static boolean left(Undo undo) {
        return undo.kind().equals(Undo.GROUP)
                && Files.isDirectory(Path.of(undo.details().get("path")));
    }
}
