package io.havoq.fault.local.service;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * One kind of thing that the sandbox does to nodes, inside the sandbox' process: their network, their clock, what they may use. It
 * learns of every start and end of a node, may have a say in how its processes are started, and does what it is asked. Thread-safe.
 */
public interface Service extends Closeable {
    /** What its verbs begin with, before a dot. */
    List<String> names();

    /**
     * Carries out one call.
     *
     * @param verb its name, a dot, and what is wanted
     * @throws IOException saying why it could not be done
     */
    List<String> call(String verb, List<String> arguments) throws IOException;

    /**
     * Whether a call may take its time and changes nothing. All others are carried out one after the other in the order in which they
     * were made: whoever gave up waiting for a change and undoes it finds it undone.
     */
    default boolean waits(String verb) {
        return false;
    }

    /** The words that the next command line of a node is prefixed with, asked at each start; it must keep its process, by exec. */
    default List<String> wrapper(String node) {
        return List.of();
    }

    /**
     * A node's process runs.
     *
     * @param pid as the sandbox sees it
     */
    default void started(String node, long pid) throws IOException {}

    /** A node's process ended, with all that it started. */
    default void ended(String node) throws IOException {}

    /** Ends what it does; processes and namespaces end by themselves. */
    @Override
    default void close() throws IOException {}
}
