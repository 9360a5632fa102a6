package io.havoq.fault.local.process;

import io.havoq.fault.Proof;
import java.util.Optional;

/** The power of the machines that the nodes run on. A node that is started has power again. */
public interface Power {
    /** A machine whose power fails, and who saw it: that its processes end proves nothing of its links. */
    interface Failure {
        /** Cuts all links of the node at once, before anything of it ends. */
        void begin();

        /** That packets met the cut links, by the word of who cut them. */
        Optional<Proof> counted();

        /** That nothing reached the node any more, by other means. */
        Optional<Proof> seen();

        /** Whether what is sent to the node arrives again as it did before. */
        boolean over();
    }

    /** Looks at a node's links while nothing has happened to them. */
    Failure prepare(String node);

    /** Joins them again. */
    void on(String node);
}
