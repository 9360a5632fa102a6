package io.havoq.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What this process must undo, on disk before it is done, so that the next run undoes it if this one is killed. One file of
 * JSON lines per owner, each line forced to the disk; the owner holds a lock on it as long as it lives. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger OPENED = new AtomicInteger();
    /** The files that this process holds. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private static final String SUFFIX = ".jsonl";

    private final Path file;
    private final FileChannel channel;
    private final Map<String, Undo> open = new LinkedHashMap<>();
    private boolean closed;

    /** One line: who writes, or what is to be undone, or what was. */
    record Entry(
            @Nullable ProcessIdentity owner,
            @Nullable Undo undo,
            @Nullable String cleared) {}

    /**
     * What a sweep found and did, for people.
     *
     * @param kept what the sweep had no action for, and left as it is for a caller that has one
     * @param problems what was tried and failed
     */
    public record Swept(List<String> undone, List<String> kept, List<String> problems) {}

    /** Undoes one kind of thing; must not fail if it is gone already. */
    @FunctionalInterface
    public interface Action {
        /** Returns what was done, for people; empty if there was nothing left to do. */
        String undo(Undo undo) throws IOException;
    }

    private Journal(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens the journal of this process.
     *
     * @param state the state directory; made if it is not there
     */
    public static Journal open(Path state) throws IOException {
        var directory = Files.createDirectories(state.resolve("journal"));
        var owner = ProcessIdentity.self();
        var name = owner.pid() + "-" + System.nanoTime() + "-" + OPENED.incrementAndGet();
        // Written and locked under another name first: a sweep never sees a journal whose owner does not hold it yet.
        var draft = directory.resolve(name + ".new");
        var channel = FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new IOException(
                        "cannot lock " + draft + ": the state directory must be on a file system with locks");
            }
            var file = directory.resolve(name + SUFFIX);
            var journal = new Journal(file, channel);
            journal.append(new Entry(owner, null, null));
            OWN.add(file.toAbsolutePath());
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            force(directory);
            return journal;
        } catch (IOException | RuntimeException e) {
            channel.close();
            Files.deleteIfExists(draft);
            throw e;
        }
    }

    /** Records what must be undone; on disk when this returns. Call it before the thing is done. */
    public synchronized void record(Undo undo) {
        write(new Entry(null, undo, null));
        open.put(undo.id(), undo);
    }

    /** Records that a thing was undone. Unknown ids are ignored. */
    public synchronized void clear(String id) {
        if (open.remove(id) != null) {
            write(new Entry(null, null, id));
        }
    }

    /** Undoes a thing of one of the journal's own kinds, as {@link #sweep} does, and records that. Unknown ids are ignored. */
    public synchronized void undo(String id) throws IOException {
        var undo = open.get(id);
        if (undo != null) {
            var action = Leftovers.ACTIONS.get(undo.kind());
            if (action == null) {
                throw new IllegalArgumentException("nothing here undoes the kind '" + undo.kind() + "': " + undo);
            }
            action.undo(undo);
            clear(id);
        }
    }

    /** What is still to be undone. */
    public synchronized List<Undo> outstanding() {
        return List.copyOf(open.values());
    }

    private void write(Entry entry) {
        if (closed) {
            throw new IllegalStateException("the journal " + file + " is closed");
        }
        try {
            append(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the journal " + file + " cannot be written, so nothing may be done that would have to be undone;"
                            + " is the disk full? (" + e.getMessage() + ")",
                    e);
        }
    }

    private void append(Entry entry) throws IOException {
        var line = ByteBuffer.wrap((JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
        channel.force(true);
    }

    /** Ends the journal; its file stays only if something is still to be undone. Idempotent. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (open.isEmpty()) {
            Files.deleteIfExists(file);
        }
        channel.close();
        OWN.remove(file.toAbsolutePath());
    }

    /**
     * Undoes what owners left that are no more, last first. What cannot be undone stays in the journal for the next sweep, and so
     * does what the caller has no action for.
     *
     * @param actions for kinds beyond the journal's own
     */
    public static Swept sweep(Path state, Map<String, Action> actions) throws IOException {
        var undone = new ArrayList<String>();
        var kept = new ArrayList<String>();
        var problems = new ArrayList<String>();
        var directory = state.resolve("journal");
        if (!Files.isDirectory(directory)) {
            return new Swept(List.of(), List.of(), List.of());
        }
        var all = new LinkedHashMap<String, Action>(Leftovers.ACTIONS);
        all.putAll(actions);
        try (var files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (var file : files) {
                sweep(file, all, undone, kept, problems);
            }
        }
        return new Swept(List.copyOf(undone), List.copyOf(kept), List.copyOf(problems));
    }

    private static void sweep(
            Path file, Map<String, Action> actions, List<String> undone, List<String> kept, List<String> problems)
            throws IOException {
        // Closing any channel on a file lets go of this process' own locks on it (fcntl(2)): keep off one's own files.
        if (OWN.contains(file.toAbsolutePath())) {
            return;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                var lock = lock(channel)) {
            if (lock == null || !Files.exists(file)) {
                return; // its owner lives, or another sweep did it
            }
            var left = read(channel, file, problems);
            if (left == null) {
                return;
            }
            var complete = true;
            for (var undo : left) {
                var action = actions.get(undo.kind());
                if (action == null) {
                    complete = false;
                    kept.add("left by an earlier run, recorded in " + file + ", and nothing here undoes the kind '"
                            + undo.kind() + "': " + undo);
                    continue;
                }
                try {
                    var done = action.undo(undo);
                    if (!done.isEmpty()) {
                        undone.add(done);
                    }
                } catch (IOException | RuntimeException e) {
                    complete = false;
                    problems.add("left by an earlier run, recorded in " + file + ", and not undone: " + undo + ": "
                            + e.getMessage());
                }
            }
            if (complete) {
                Files.delete(file);
            }
        } catch (NoSuchFileException e) {
            return; // another sweep did it
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** What is left to undo, last first; null if the owner lives. */
    private static @Nullable List<Undo> read(FileChannel channel, Path file, List<String> problems) throws IOException {
        var bytes = ByteBuffer.allocate((int) channel.size());
        int read = 0;
        while (bytes.hasRemaining() && read >= 0) {
            read = channel.read(bytes);
        }
        var left = new LinkedHashMap<String, Undo>();
        for (var line : new String(bytes.array(), StandardCharsets.UTF_8).split("\n", -1)) {
            if (line.isBlank()) {
                continue;
            }
            Entry entry;
            try {
                entry = JSON.readValue(line, Entry.class);
            } catch (JsonProcessingException e) {
                // The last line may be torn by a power loss: then its thing was not done either.
                problems.add("unreadable line in " + file + ": " + line);
                continue;
            }
            var owner = entry.owner();
            if (owner != null && owner.comparable() && owner.alive()) {
                return null;
            }
            if (entry.undo() != null) {
                left.put(entry.undo().id(), entry.undo());
            } else if (entry.cleared() != null) {
                left.remove(entry.cleared());
            }
        }
        var reversed = new ArrayList<>(left.values());
        Collections.reverse(reversed);
        return reversed;
    }

    private static void force(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
