package io.havoq.environment.k3s;

import java.nio.file.Path;
import java.util.Map;

/** Installs a Helm chart. */
interface ChartInstaller {
    /**
     * A chart.
     *
     * @param location an address, a file or a directory
     * @param release the name of what is installed
     * @param set single values, which win over the file's
     */
    record Chart(String location, String release, String namespace, Path values, Map<String, String> set) {}

    /**
     * Installs it, if it is not there already; does not wait until its pods are ready.
     *
     * @param files an empty directory for what this needs on disk, deleted afterwards
     */
    void install(String kubeconfig, Chart chart, Path files);
}
