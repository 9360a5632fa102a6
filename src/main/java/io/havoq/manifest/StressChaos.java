package io.havoq.manifest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Takes processor time or memory from a container, from within its own limits.
 *
 * @param containerNames whose limits; empty: the first container's
 * @param cpu at least one of the two is there
 */
public record StressChaos(
        String name,
        Selection selection,
        List<String> containerNames,
        Optional<Cpu> cpu,
        Optional<Memory> memory,
        Optional<Duration> duration)
        implements ChaosSpec {

    /** The most workers of a stressor that Chaos Mesh's schema has. */
    public static final int MOST_WORKERS = 8192;

    /** Copies the names, and refuses a stress of nothing. */
    public StressChaos {
        containerNames = List.copyOf(containerNames);
        if (cpu.isEmpty() && memory.isEmpty()) {
            throw new IllegalArgumentException("StressChaos '" + name + "' has no stressors: expected cpu or memory");
        }
    }

    /** Processor time is taken. */
    public static StressChaos cpu(String name, Selection selection, int workers, int loadPercent) {
        return new StressChaos(
                name,
                selection,
                List.of(),
                Optional.of(new Cpu(workers, loadPercent)),
                Optional.empty(),
                Optional.empty());
    }

    /** Memory is taken. */
    public static StressChaos memory(String name, Selection selection, MemorySize size, int oomScoreAdj) {
        return new StressChaos(
                name,
                selection,
                List.of(),
                Optional.empty(),
                Optional.of(new Memory(1, size, oomScoreAdj)),
                Optional.empty());
    }

    /**
     * {@code spec.stressors.cpu}.
     *
     * @param loadPercent of one processor, that each worker takes
     */
    public record Cpu(int workers, int loadPercent) {
        /** Refuses what would stress nothing. */
        public Cpu {
            checkWorkers(workers);
            if (loadPercent < 1 || loadPercent > 100) {
                throw new IllegalArgumentException("a load of " + loadPercent + " %: expected 1 to 100");
            }
        }
    }

    /**
     * {@code spec.stressors.memory}.
     *
     * @param size of all workers together (memStress {@code main.go}: {@code length/uint64(workers)})
     * @param oomScoreAdj of the stressor: the higher, the sooner the kernel ends it instead of the container (proc(5))
     */
    public record Memory(int workers, MemorySize size, int oomScoreAdj) {
        /** Refuses what would stress nothing. */
        public Memory {
            checkWorkers(workers);
            if (oomScoreAdj < -1000 || oomScoreAdj > 1000) {
                throw new IllegalArgumentException("an oomScoreAdj of " + oomScoreAdj + ": expected -1000 to 1000");
            }
        }
    }

    private static void checkWorkers(int workers) {
        if (workers < 1 || workers > MOST_WORKERS) {
            throw new IllegalArgumentException(workers + " workers: expected 1 to " + MOST_WORKERS);
        }
    }

    @Override
    public String kind() {
        return "StressChaos";
    }

    /** A manifest names no action: {@code cpu}, {@code memory} or {@code cpu+memory}. */
    @Override
    public String action() {
        return cpu.isPresent() && memory.isPresent() ? "cpu+memory" : cpu.isPresent() ? "cpu" : "memory";
    }

    @Override
    public StressChaos withSelection(Selection other) {
        return new StressChaos(name, other, containerNames, cpu, memory, duration);
    }
}
