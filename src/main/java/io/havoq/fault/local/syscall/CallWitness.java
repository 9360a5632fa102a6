package io.havoq.fault.local.syscall;

import io.havoq.manifest.PathPattern;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Sees what a rule does on one node by other means than the engine's own counters: a program beside the node's, under the same
 * filter, makes the calls on a file in the node's data directory before, during and after. To be used by one thread at a time.
 */
final class CallWitness {
    private static final String NAME = ".havoq-witness";

    /** So often in one look, for each percent that is missing of 100, within bounds. */
    private static final int MOST_ROUNDS = 60;

    private final SyscallControl control;
    private final String node;
    private final CallRule rule;
    private final String file;
    private final boolean existing;
    private final Set<String> methods;

    CallWitness(SyscallControl control, String node, CallRule rule, String volume) {
        this.control = control;
        this.node = node;
        this.rule = rule;
        this.existing = rule.pattern().filter(PathPattern::literal).isPresent();
        this.file = rule.pattern()
                .map(glob ->
                        volume + glob.example(NAME).substring(rule.mountPath().length()))
                .orElse(volume + "/" + NAME);
        this.methods = rule.methods().isEmpty()
                ? rule.calls().stream()
                        .flatMap(call -> call.methods().stream())
                        .collect(Collectors.toCollection(TreeSet::new))
                : new TreeSet<>(rule.methods());
    }

    /** Looks at the directory before anything is done; what is wrong with it, if anything is. */
    Optional<String> problem() {
        var seen = look(methods).stream().filter(call -> call.errno() != 0).toList();
        return seen.isEmpty()
                ? Optional.empty()
                : Optional.of(seen.stream().map(this::told).collect(Collectors.joining("; ")));
    }

    /** What it sees of the rule now, for people. */
    Optional<String> sees() {
        int rounds = Math.min(MOST_ROUNDS, 1 + 3 * (100 - rule.percent()) / rule.percent());
        for (int round = 0; round < rounds; round++) {
            // each by itself: a call may take long
            for (var method : methods) {
                var seen = look(Set.of(method)).stream().filter(this::affected).findFirst();
                if (seen.isPresent()) {
                    return seen.map(this::told);
                }
            }
        }
        return Optional.empty();
    }

    /** Whether it sees nothing of the rule any more. */
    boolean asBefore() {
        int rounds = rule.percent() == 100 ? 1 : 3;
        for (int round = 0; round < rounds; round++) {
            if (look(methods).stream().anyMatch(call -> call.errno() != 0 || affected(call))) {
                return false;
            }
        }
        return true;
    }

    /** Whether it can see anything: it does not try what would harm a file of the broker's own. */
    boolean able() {
        return !look(methods).isEmpty();
    }

    private boolean affected(SyscallControl.Seen call) {
        return rule.errno() != 0 ? call.errno() == rule.errno() : micros(rule.delay()) <= call.micros();
    }

    private List<SyscallControl.Seen> look(Set<String> which) {
        return control.look(node, file, existing, which).stream()
                .filter(call ->
                        rule.calls().stream().anyMatch(watched -> watched.text().equals(call.call())))
                .toList();
    }

    private static long micros(Duration time) {
        return time.toNanos() / 1_000;
    }

    private String told(SyscallControl.Seen call) {
        return String.format(
                Locale.ROOT,
                "a program there that calls %s on %s %s after %.1f ms",
                call.call(),
                file,
                call.errno() == 0
                        ? "succeeds"
                        : "gets the error " + call.errno() + " (" + Kernel.text(call.errno()) + ")",
                call.micros() / 1e3);
    }

    String node() {
        return node;
    }
}
