package io.havoq.fault.local.process;

/** The power of the machines that the nodes run on. A node that is started has power again. */
public interface Power {
    /** Cuts all links of a node at once, before anything of it ends. */
    void off(String node);

    /** Joins them again. */
    void on(String node);
}
