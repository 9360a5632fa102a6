package io.havoq.manifest;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lets the file operations of a container go wrong on one of its volumes.
 *
 * @param containerNames whose operations; empty: the first container's
 * @param volumePath as what the volume is mounted in the container
 * @param path which files of it; empty: all
 * @param methods which operations, as FUSE calls them; empty: all
 * @param percent how many of them
 */
public record IoChaos(
        String name,
        Effect effect,
        Selection selection,
        List<String> containerNames,
        String volumePath,
        Optional<PathPattern> path,
        List<String> methods,
        int percent,
        Optional<Duration> duration)
        implements ChaosSpec {
    /** {@code IoMethod} (Chaos Mesh {@code podiochaos_types.go}). */
    static final List<String> METHODS = List.of(
            "lookup",
            "forget",
            "getattr",
            "setattr",
            "readlink",
            "mknod",
            "mkdir",
            "unlink",
            "rmdir",
            "symlink",
            "rename",
            "link",
            "open",
            "read",
            "write",
            "flush",
            "release",
            "fsync",
            "opendir",
            "readdir",
            "releasedir",
            "fsyncdir",
            "statfs",
            "setxattr",
            "getxattr",
            "listxattr",
            "removexattr",
            "access",
            "create",
            "getlk",
            "setlk",
            "bmap");

    /** Copies the lists, and refuses what no manifest may say. */
    public IoChaos {
        containerNames = List.copyOf(containerNames);
        methods = List.copyOf(methods);
        if (percent < 1 || percent > 100) {
            throw new IllegalArgumentException("percent " + percent + " is out of range: expected 1 to 100");
        }
        for (var method : methods) {
            if (!METHODS.contains(method)) {
                throw new IllegalArgumentException(
                        "method '" + method + "' is unknown: expected " + Words.orList(METHODS));
            }
        }
    }

    /** What happens to an operation. */
    public sealed interface Effect {
        /** It takes longer. */
        record Latency(Duration delay) implements Effect {}

        /** It fails with this error number. */
        record Fault(int errno) implements Effect {}

        /**
         * A file shows other attributes than it has.
         *
         * @param numbers ino, size, blocks, perm, nlink, uid, gid, rdev
         * @param times atime, mtime, ctime
         */
        record AttrOverride(Map<String, Long> numbers, Map<String, Instant> times, Optional<String> kind)
                implements Effect {
            /** Copies the maps. */
            public AttrOverride {
                numbers = new TreeMap<>(numbers);
                times = new TreeMap<>(times);
            }
        }

        /**
         * What is read or written is wrong.
         *
         * @param filling zero or random
         * @param maxOccurrences in one operation
         * @param maxLength of each, in bytes
         */
        record Mistake(String filling, long maxOccurrences, long maxLength) implements Effect {}

        /** As a manifest writes it. */
        default String action() {
            if (this instanceof Latency) {
                return "latency";
            }
            if (this instanceof Fault) {
                return "fault";
            }
            return this instanceof AttrOverride ? "attrOverride" : "mistake";
        }
    }

    /** Operations on all files of a volume of the first container that fail. */
    public static IoChaos fault(String name, Selection selection, String volumePath, List<String> methods, int errno) {
        return new IoChaos(
                name,
                new Effect.Fault(errno),
                selection,
                List.of(),
                volumePath,
                Optional.empty(),
                methods,
                100,
                Optional.empty());
    }

    @Override
    public String kind() {
        return "IOChaos";
    }

    @Override
    public String action() {
        return effect.action();
    }

    @Override
    public IoChaos withSelection(Selection other) {
        return new IoChaos(name, effect, other, containerNames, volumePath, path, methods, percent, duration);
    }
}
