package io.havoq.environment.local;

import io.havoq.fault.local.network.NetworkSettings;
import io.havoq.fault.local.network.Ports;
import io.havoq.fault.local.stress.StressSettings;
import io.havoq.settings.Setting;
import io.havoq.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Settings of the local environment. */
public final class LocalSettings {
    /** How the nodes are kept apart from the rest of the machine. */
    public enum IsolationMode {
        /** Namespaces where they work, else plain child processes. */
        AUTO,
        /** Namespaces, or an error. */
        NAMESPACES,
        /** Plain child processes. */
        NONE
    }

    /** What network the nodes have. */
    public enum NetworkMode {
        /** One of their own where it works, else the machine's. */
        AUTO,
        /** One of their own, by TUN devices. */
        TUN,
        /** One of their own, by veth pairs. */
        VETH,
        /** The machine's. */
        NONE;

        /** How packets may be carried in a network of the nodes' own, in the order in which it is tried. */
        List<Ports.Kind> kinds() {
            return switch (this) {
                case AUTO -> List.of(Ports.Kind.values());
                case TUN -> List.of(Ports.Kind.TUN);
                case VETH -> List.of(Ports.Kind.VETH);
                case NONE -> List.of();
            };
        }
    }

    /** How many nodes. */
    public static final Setting<Integer> NODES =
            Setting.integer("havoq.local.nodes", 3, 1, 9, "Broker nodes of the local cluster");

    /** How they are isolated. */
    public static final Setting<IsolationMode> ISOLATION = Setting.choice(
            "havoq.local.isolation",
            IsolationMode.AUTO,
            IsolationMode.class,
            "namespaces: the nodes run in namespaces of their own, or the run fails; none: as plain child processes;"
                    + " auto: in namespaces where they work");

    /** Their network. */
    public static final Setting<NetworkMode> NETWORK = Setting.choice(
            "havoq.local.network",
            NetworkMode.AUTO,
            NetworkMode.class,
            "tun, veth: each node has a network namespace of its own, connected by TUN devices or veth pairs; none: all are"
                    + " on the machine's network, without network and DNS faults; auto: tun, else veth, else none");

    /** How much data all nodes may write. */
    public static final Setting<Integer> DATA = Setting.integer(
            "havoq.local.data",
            1024,
            16,
            1024 * 1024,
            "MiB that all nodes' data directories together may hold, in memory (in namespaces; unbounded without)");

    /** How much log is kept. */
    public static final Setting<Integer> LOG = Setting.integer(
            "havoq.local.log", 16 * 1024, 8, 4 * 1024 * 1024, "KiB of log kept of each node; older lines are dropped");

    /** The supervisor's reaction. */
    public static final Setting<Duration> NOTICING = Setting.duration(
            "havoq.local.restart-delay",
            "1s",
            "How long an ended node stays down at least before it is started again: a kubelet looks once a second");

    /** How long faults last. */
    public static final Setting<Duration> MAX_DURATION = Setting.duration(
            "havoq.local.max-duration",
            "8s",
            "How long a lasting fault is kept in force: the manifest's duration, shortened to this; this, where the manifest"
                    + " gives none");

    private LocalSettings() {}

    /** How long a lasting fault is kept in force on this machine. */
    public static Duration timeInForce(Settings settings, Optional<Duration> manifest) {
        var most = settings.get(MAX_DURATION);
        return manifest.filter(wanted -> wanted.compareTo(most) < 0).orElse(most);
    }

    /** All of them. */
    public static List<Setting<?>> all() {
        var all = new ArrayList<Setting<?>>(List.of(NODES, ISOLATION, NETWORK, DATA, LOG, NOTICING, MAX_DURATION));
        all.addAll(NetworkSettings.all());
        all.addAll(StressSettings.all());
        return List.copyOf(all);
    }
}
