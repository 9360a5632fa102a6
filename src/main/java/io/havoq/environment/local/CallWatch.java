package io.havoq.environment.local;

import io.havoq.environment.EnvironmentException;
import io.havoq.fault.local.syscall.SyscallControl;
import io.havoq.fault.local.syscall.SyscallSupport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which of the nodes' system calls are watched: those chosen before the nodes start, and, where running nodes can be attached to, those
 * asked for later. Thread-safe.
 */
final class CallWatch {
    private final Set<String> chosen;
    private final Consumer<String> progress;
    private volatile @Nullable SyscallControl control;

    CallWatch(Set<String> chosen, Consumer<String> progress) {
        this.chosen = Set.copyOf(chosen);
        this.progress = progress;
    }

    /**
     * To be called before the first node is started: where none can be attached to, whether its system calls are watched is settled then.
     *
     * @param volumes the nodes' data directories
     */
    SyscallSupport begin(SyscallControl begun, Map<String, Path> volumes) throws IOException {
        control = begun;
        if (!chosen.isEmpty()) {
            var problem = open(begun, chosen);
            if (problem.isPresent()) {
                return problem.get();
            }
        }
        return new SyscallSupport.Available(begun, volumes);
    }

    private Optional<SyscallSupport.Unavailable> open(SyscallControl opened, Set<String> calls) throws IOException {
        var problem = opened.open(calls);
        if (problem.isEmpty()) {
            var names = String.join(", ", new TreeSet<>(calls));
            progress.accept(
                    opened.attaching()
                            ? "the nodes' system calls " + names + " are watched from their first fault on"
                            : "watching the nodes' system calls " + names
                                    + (opened.notAttaching().isEmpty()
                                            ? ""
                                            : ", from the start, since running nodes cannot be attached to: "
                                                    + opened.notAttaching()));
        }
        return problem;
    }

    /**
     * Whether these can be delayed and failed in the nodes as they run: they were chosen before they were started, or can be chosen now.
     */
    boolean covers(Set<String> calls) {
        if (chosen.containsAll(calls)) {
            return true;
        }
        var present = control;
        try {
            return present != null
                    && (present.watched().containsAll(calls)
                            || (open(present, calls).isEmpty() && present.attaching()));
        } catch (IOException e) {
            throw new EnvironmentException("the nodes' system calls cannot be watched: " + e.getMessage(), e);
        }
    }
}
