package io.havoq.manifest;

import java.util.List;
import java.util.Map;

/** What a selector may look at: one pod, or a process that stands for one. */
public interface Candidate {
    /** Pod name, unique in its namespace. */
    String name();

    String namespace();

    Map<String, String> labels();

    Map<String, String> annotations();

    /** Pod phase as Kubernetes writes it: Pending, Running, Succeeded, Failed, Unknown. */
    String phase();

    /** Container names, in order; Chaos Mesh takes the first where a manifest names none. */
    List<String> containers();

    /** The name of the machine the pod runs on. */
    String nodeName();
}
