package io.havoq.environment.k3s;

import java.time.Duration;
import java.util.List;

/** What is asked of the cluster's API server before experiments can run. */
interface BrokerCluster extends AutoCloseable {
    /** Creates what a text of YAML documents describes, or brings it to that state. */
    void apply(String source, String text, String namespace);

    /**
     * Returns when every workload of a namespace is ready.
     *
     * @throws io.havoq.environment.EnvironmentException if an image cannot be had, or the time is up; it says what is not ready, and why
     */
    void awaitReady(String namespace, Duration timeout);

    /** The pods of the StatefulSets of a namespace, by name. */
    List<String> brokers(String namespace);

    /** Opens a port of the node that leads to a port of one pod, whichever node it is on. */
    void open(String namespace, String pod, int podPort, int nodePort);

    @Override
    void close();
}
