package io.havoq.environment.k3s;

import io.havoq.journal.Journal;
import io.havoq.journal.Undo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that the start of the cluster needs, and nobody afterwards: in the journal before they are made, since a killed process deletes none. */
final class Scratch implements AutoCloseable {
    private final Journal journal;
    private final String id;
    private final Path directory;

    private Scratch(Journal journal, String id, Path directory) {
        this.journal = journal;
        this.id = id;
        this.directory = directory;
    }

    /** Makes the directory, which must not be there yet. */
    static Scratch in(Path directory, Journal journal) throws IOException {
        var id = "scratch " + directory.getFileName();
        journal.record(Undo.directory(id, directory));
        var scratch = new Scratch(journal, id, directory);
        Files.createDirectory(directory);
        return scratch;
    }

    /** A new name in it; nothing is made. */
    Path file(String name) {
        return directory.resolve(name);
    }

    /** A new directory in it. */
    Path directory(String name) throws IOException {
        return Files.createDirectory(file(name));
    }

    /** Deletes it with all that is in it; nothing if that was done before. */
    @Override
    public void close() throws IOException {
        journal.undo(id);
    }
}
