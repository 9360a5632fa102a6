package io.havoq.recovery;

import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.List;

/** The settings of probes, recovery times and checklist. */
public final class RecoverySettings {
    /** Pace of the service probe. */
    public static final Setting<Duration> SERVICE_PACE = Setting.duration(
            "havoq.recovery.service-pace",
            "10ms",
            "Time between round trips of the service probe, over all endpoints.");

    /** What the service probe calls an outage. */
    public static final Setting<Duration> SERVICE_GAP = Setting.duration(
            "havoq.recovery.service-gap",
            "250ms",
            "A longer time without a completed QoS 1 round trip at any endpoint is an outage.");

    /** Pace of each path. */
    public static final Setting<Duration> PATH_PACE = Setting.duration(
            "havoq.recovery.path-pace", "100ms", "Time between messages of the cluster probe on each path.");

    /** What breaks a path. */
    public static final Setting<Duration> PATH_GAP = Setting.duration(
            "havoq.recovery.path-gap",
            "1s",
            "A longer time without an arrival on a path means that the path is broken.");

    /** How long service must last to count. */
    public static final Setting<Duration> SUSTAIN = Setting.duration(
            "havoq.recovery.sustain", "3s", "How long service, and every path, must hold to count as recovered.");

    /** Delay between connection attempts of the probes. */
    public static final Setting<Duration> RECONNECT_DELAY = Setting.duration(
            "havoq.recovery.reconnect-delay", "20ms", "Time between a probe's connection attempts at one node.");

    /** TCP connect time-out. */
    public static final Setting<Duration> CONNECT_TIMEOUT =
            Setting.duration("havoq.recovery.connect-timeout", "1s", "Bound of one TCP connection attempt of a probe.");

    /** CONNACK time-out. */
    public static final Setting<Duration> CONNACK_TIMEOUT =
            Setting.duration("havoq.recovery.connack-timeout", "5s", "Bound of a probe's wait for the CONNACK.");

    /** When a probe gives a connection up. */
    public static final Setting<Duration> STALL_TIMEOUT = Setting.duration(
            "havoq.recovery.stall-timeout",
            "2s",
            "A probe's connection on which nothing is acknowledged for longer is given up for a new one.");

    /** Persistent sessions per node. */
    public static final Setting<Integer> SESSIONS_PER_NODE = Setting.integer(
            "havoq.recovery.sessions-per-node",
            3,
            1,
            1000,
            "Persistent sessions set up on each node before the fault.");

    /** Queued messages per session. */
    public static final Setting<Integer> MESSAGES_PER_SESSION = Setting.integer(
            "havoq.recovery.messages-per-session", 5, 1, 1000, "Messages queued for each session before the fault.");

    /** Session expiry. */
    public static final Setting<Duration> SESSION_EXPIRY = Setting.duration(
            "havoq.recovery.session-expiry", "10m", "Expiry of the persistent sessions of the recovery checklist.");

    /** Retained messages. */
    public static final Setting<Integer> RETAINED = Setting.integer(
            "havoq.recovery.retained",
            10,
            1,
            1000,
            "Retained messages set before the fault and read on each node after.");

    /** Bound of one check. */
    public static final Setting<Duration> CHECK_BOUND = Setting.duration(
            "havoq.recovery.check-bound",
            "10s",
            "Bound of one step of the recovery checklist: a connection, a publish, the arrival of what was queued.");

    private RecoverySettings() {}

    /** All of them, for the table of settings. */
    public static List<Setting<?>> all() {
        return List.of(
                SERVICE_PACE,
                SERVICE_GAP,
                PATH_PACE,
                PATH_GAP,
                SUSTAIN,
                RECONNECT_DELAY,
                CONNECT_TIMEOUT,
                CONNACK_TIMEOUT,
                STALL_TIMEOUT,
                SESSIONS_PER_NODE,
                MESSAGES_PER_SESSION,
                SESSION_EXPIRY,
                RETAINED,
                CHECK_BOUND);
    }
}
