package io.havoq.fault.local.stress;

import java.util.List;

/**
 * A stressor, as the sandbox has it.
 *
 * @param pid of its process as the sandbox sees it
 * @param running whether it has one now, or is about to be started again
 * @param taken whether it has all the memory that it is to take; false for processors
 * @param starts how often it was started
 * @param said what it said last, or how it ended
 */
public record StressorState(String node, Kind kind, long pid, boolean running, boolean taken, int starts, String said) {
    /** What is taken. */
    public enum Kind {
        CPU,
        MEMORY
    }

    List<String> words() {
        return List.of(
                node,
                kind.name(),
                Long.toString(pid),
                Boolean.toString(running),
                Boolean.toString(taken),
                Integer.toString(starts),
                said);
    }

    static StressorState of(List<String> words) {
        return new StressorState(
                words.get(0),
                Kind.valueOf(words.get(1)),
                Long.parseLong(words.get(2)),
                Boolean.parseBoolean(words.get(3)),
                Boolean.parseBoolean(words.get(4)),
                Integer.parseInt(words.get(5)),
                words.get(6));
    }

    /** How many words one takes. */
    static final int WORDS = 7;
}
