package io.havoq.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path state;

    private final List<String> undone = new ArrayList<>();

    private Map<String, Journal.Action> actions() {
        return Map.of("fault", undo -> {
            undone.add(undo.id());
            return "undid " + undo.id();
        });
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(state.resolve("journal"))) {
            return files.toList();
        }
    }

    private static Undo fault(String id) {
        return new Undo(id, "fault", Map.of("experiment", "e"));
    }

    /** Lets the journal in this directory seem to be a dead process'. */
    private void killOwner() throws IOException {
        var file = files().get(0);
        var left = Files.readString(file).replaceFirst("\"start\":\"[^\"]*\"", "\"start\":\"another/1\"");
        Files.writeString(state.resolve("journal/1-1-1.jsonl"), left);
    }

    @Test
    void whatIsRecordedIsOnDiskAtOnceAndUndoneLastFirst() throws IOException {
        try (var journal = Journal.open(state)) {
            journal.record(fault("first"));
            journal.record(fault("second"));
            journal.record(fault("third"));
            journal.clear("second");
            killOwner();
            assertThat(Journal.sweep(state, actions()).undone()).containsExactly("undid third", "undid first");
            assertThat(undone).containsExactly("third", "first");
            journal.clear("first");
            journal.clear("third");
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void theOwnerUndoesAThingOfTheJournalsOwnKindsOnceAndNoOther() throws IOException {
        var directory = Files.createDirectories(state.resolve("made/within")).getParent();
        try (var journal = Journal.open(state)) {
            journal.record(Undo.directory("d", directory));
            journal.record(fault("mine"));
            journal.undo("d");
            journal.undo("d");
            assertThat(directory).doesNotExist();
            assertThat(journal.outstanding()).extracting(Undo::id).containsExactly("mine");
            assertThatThrownBy(() -> journal.undo("mine"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("kind 'fault'");
            journal.clear("mine");
        }
    }

    @Test
    void aLivingOwnersThingsAreLeftAlone() throws IOException {
        try (var journal = Journal.open(state)) {
            journal.record(fault("mine"));
            // The same, as another process would see it: not locked, but its owner lives.
            Files.copy(files().get(0), state.resolve("journal/1-1-1.jsonl"));
            var swept = Journal.sweep(state, actions());
            assertThat(swept.undone()).isEmpty();
            assertThat(swept.problems()).isEmpty();
            assertThat(undone).isEmpty();
            assertThat(files()).hasSize(2);
        }
    }

    @Test
    void whatCannotBeUndoneStaysForTheNextSweep() throws IOException {
        try (var journal = Journal.open(state)) {
            journal.record(fault("mine"));
            killOwner();
            Journal.Action failing = undo -> {
                throw new IOException("no way");
            };
            assertThat(Journal.sweep(state, Map.of("fault", failing)).problems())
                    .singleElement()
                    .asString()
                    .contains("kind=fault", "no way");
            assertThat(Journal.sweep(state, actions()).undone()).containsExactly("undid mine");
            assertThat(Journal.sweep(state, actions()).undone()).isEmpty();
        }
    }

    @Test
    void aKindThatASweepDoesNotKnowStaysForOneThatDoesAndIsNoProblem() throws IOException {
        var directory = Files.createDirectory(state.resolve("known"));
        try (var journal = Journal.open(state)) {
            journal.record(fault("mine"));
            journal.record(Undo.directory("d", directory));
            killOwner();
            var swept = Journal.sweep(state, Map.of());
            assertThat(swept.problems()).isEmpty();
            assertThat(swept.undone()).hasSize(1);
            assertThat(swept.kept()).singleElement().asString().contains("'fault'", "1-1-1.jsonl");
            assertThat(Journal.sweep(state, actions()).undone()).containsExactly("undid mine");
            assertThat(files()).hasSize(1);
        }
    }

    @Test
    void aTornLastLineDoesNotKeepTheRestFromBeingUndone() throws IOException {
        try (var journal = Journal.open(state)) {
            journal.record(fault("whole"));
            killOwner();
            var file = state.resolve("journal/1-1-1.jsonl");
            Files.writeString(file, Files.readString(file) + "{\"undo\":{\"id");
            assertThat(Journal.sweep(state, actions()).undone()).containsExactly("undid whole");
        }
    }

    @Test
    void aDirectoryIsRemovedWithItsContentsButNotWhatLinksPointTo() throws IOException {
        var kept = Files.createDirectory(state.resolve("kept"));
        Files.writeString(kept.resolve("file"), "x");
        var directory = Files.createDirectories(state.resolve("left/deep")).getParent();
        Files.createSymbolicLink(directory.resolve("link"), kept);
        try (var journal = Journal.open(state)) {
            journal.record(Undo.directory("d", directory));
            killOwner();
            assertThat(Journal.sweep(state, Map.of()).undone()).hasSize(1);
            assertThat(directory).doesNotExist();
            assertThat(kept.resolve("file")).exists();
        }
    }

    @Test
    void aProcessIsKilledOnlyIfItIsStillTheSame() throws Exception {
        var process = new ProcessBuilder("sleep", "600").start();
        try (var journal = Journal.open(state)) {
            var undo = Undo.process("p", process.pid());
            journal.record(new Undo(
                    "q",
                    undo.kind(),
                    Map.of(
                            "pid",
                            "" + process.pid(),
                            "start",
                            "other",
                            "command",
                            undo.details().get("command"))));
            killOwner();
            assertThat(Journal.sweep(state, Map.of()).undone()).isEmpty();
            assertThat(process.isAlive()).isTrue();

            journal.record(undo);
            killOwner();
            assertThat(Journal.sweep(state, Map.of()).undone()).hasSize(1);
            assertThat(process.waitFor()).isEqualTo(137);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void processesAreKnownByTheirVariable() throws Exception {
        var builder = new ProcessBuilder("sleep", "600");
        builder.environment().put("HAVOQ_OWNER", "journal-test-1");
        var mine = builder.start();
        builder.environment().put("HAVOQ_OWNER", "journal-test-11");
        var other = builder.start();
        try (var journal = Journal.open(state)) {
            journal.record(Undo.processes("p", "HAVOQ_OWNER", "journal-test-1"));
            killOwner();
            assertThat(Journal.sweep(state, Map.of()).undone()).hasSize(1);
            assertThat(mine.waitFor()).isEqualTo(137);
            assertThat(other.isAlive()).isTrue();
        } finally {
            mine.destroyForcibly();
            other.destroyForcibly();
        }
    }
}
