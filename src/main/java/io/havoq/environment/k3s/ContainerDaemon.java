package io.havoq.environment.k3s;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What runs K3s in a container: a Docker daemon, or the tests' stand-in for one. */
interface ContainerDaemon {
    /** Where the daemon is, the same for every run that talks to the same one. */
    String address();

    /** Whether it has an image. */
    boolean has(String image);

    /**
     * Gets an image that it does not have.
     *
     * @throws IOException saying why it cannot be had
     */
    void pull(String image) throws IOException;

    /** Loads a file made by {@code docker save}. */
    void load(Path tar) throws IOException;

    /** Writes an image to a file, as {@code docker save} does. */
    void save(String image, Path tar) throws IOException;

    /**
     * Removes every container with a label, and its volumes.
     *
     * @return their names
     */
    List<String> remove(String label, String value);

    /** Starts K3s; whatever is started carries the labels from its first moment. */
    Node start(Request request) throws IOException;

    /**
     * What is to be started.
     *
     * @param ports of the node that are to be reached from outside
     * @param reuse whether a container of an earlier run with the same request will do, and this one is to be left
     */
    record Request(String image, Map<String, String> labels, List<Integer> ports, boolean reuse, Duration timeout) {
        /** Copies the collections. */
        public Request {
            labels = Map.copyOf(labels);
            ports = List.copyOf(ports);
        }
    }

    /** A K3s that runs. */
    interface Node {
        /** How to reach its API server, as a kubeconfig. */
        String kubeconfig();

        /** Where one of the requested ports is reached from outside. */
        String address(int port);

        /** Loads images into the cluster, from a file made by {@code docker save}. */
        void loadImages(Path tar) throws IOException;
    }
}
