package io.havoq.fault.local.sandbox;

/** How far the nodes are kept apart from the rest of the machine. */
public sealed interface Isolation {
    /** In few words, for people. */
    String description();

    /**
     * Mount and pid namespaces of their own: the kernel ends every process and every mount together with the test JVM.
     *
     * @param userNamespace whether a user namespace gives the right to make them; false as root
     * @param ordinaryUser whether the nodes can run as the ordinary user inside it, as they would outside; some brokers refuse
     *     to start as a root that cannot change users
     */
    record Namespaces(boolean userNamespace, boolean ordinaryUser) implements Isolation {
        @Override
        public String description() {
            return userNamespace ? "user, mount and pid namespaces" : "mount and pid namespaces";
        }
    }

    /**
     * Child processes like any others.
     *
     * @param reason why there are no namespaces
     * @param remedy what would have to change
     * @param deathSignal whether the kernel ends each node with the process that started it
     * @param sessions whether each node can lead a session of its own
     */
    record Plain(String reason, String remedy, boolean deathSignal, boolean sessions) implements Isolation {
        @Override
        public String description() {
            return "plain child processes (" + reason + ")";
        }
    }
}
