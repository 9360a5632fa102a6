package io.havoq.experiment;

import io.havoq.settings.Seed;
import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.List;

/** Settings of the life of an experiment. */
public final class ExperimentSettings {
    /** Where experiments run. */
    public static final Setting<String> ENVIRONMENT = Setting.text(
            "havoq.environment",
            "local",
            "Where experiments run: local (broker processes on this machine) or kubernetes (a cluster with Chaos Mesh).");

    /** Nothing is done. */
    public static final Setting<Boolean> DRY_RUN = Setting.flag(
            "havoq.dry-run",
            false,
            "Whether experiments only say which targets they would hit; nothing is injected, and all are unsupported.");

    /** SHOULD as MUST. */
    public static final Setting<Boolean> STRICT =
            Setting.flag("havoq.strict", false, "Whether a violated SHOULD fails the experiment instead of warning.");

    /** What an unsupported experiment is. */
    public static final Setting<String> UNSUPPORTED = Setting.text(
            "havoq.unsupported",
            "",
            "What an unsupported experiment does to its test: abort or fail; empty means fail where CI is set, else abort.");

    /** Normal figures. */
    public static final Setting<Duration> NORMAL = Setting.duration(
            "havoq.experiment.normal", "2s", "How long the load flows before the injection, for the normal figures.");

    /** Baseline and after. */
    public static final Setting<Duration> OBSERVE = Setting.duration(
            "havoq.experiment.observe", "5s", "How long a baseline is observed where a fault would be in force.");

    /** Bound of the effect. */
    public static final Setting<Duration> EFFECT_BOUND = Setting.duration(
            "havoq.experiment.effect-bound",
            "30s",
            "How long to wait for proof that the fault acted, and after its removal that nothing of it is left.");

    /** Bound of draining. */
    public static final Setting<Duration> DRAIN_BOUND = Setting.duration(
            "havoq.experiment.drain-bound",
            "30s",
            "How long to wait for messages that are still due, after publishing stopped.");

    /** Latency. */
    public static final Setting<Duration> LATENCY_P99 = Setting.duration(
            "havoq.latency.p99",
            "500ms",
            "What the 99th percentile of the message latency should stay below while the fault or its outage lasts.");

    /** Extra beyond the objective. */
    public static final Setting<Duration> RECOVERY_MARGIN = Setting.duration(
            "havoq.experiment.recovery-margin",
            "15s",
            "How much longer than the acceptable time recovery is waited for, so that a late one is measured.");

    /** Evidence in all. */
    public static final Setting<Integer> EVIDENCE_ACKNOWLEDGED = Setting.integer(
            "havoq.evidence.acknowledged",
            500,
            1,
            1_000_000,
            "QoS 1 and 2 messages that must have been acknowledged during an experiment; fewer is inconclusive.");

    /** Evidence in the window. */
    public static final Setting<Integer> EVIDENCE_WINDOW = Setting.integer(
            "havoq.evidence.window",
            100,
            1,
            1_000_000,
            "Of these, how many within the fault or its outage; fewer is inconclusive.");

    /** When this machine is overloaded. */
    public static final Setting<Duration> MAX_PACER_LAG = Setting.duration(
            "havoq.evidence.max-pacer-lag",
            "100ms",
            "If 1 % of the load's messages left later than this, the machine was overloaded: a missed recovery time is then"
                    + " inconclusive instead of failed.");

    /** Bound of assertions. */
    public static final Setting<Duration> ASSERT_BOUND = Setting.duration(
            "havoq.assert.bound",
            "10s",
            "How long serveClients() and refuseClients() wait until the nodes do, unless within() says otherwise.");

    /** Span of refusal. */
    public static final Setting<Duration> REFUSAL_SPAN = Setting.duration(
            "havoq.assert.refusal-span",
            "3s",
            "For how long refuseClients() then requires that nobody is served, unless forAtLeast() says otherwise.");

    private ExperimentSettings() {}

    /** All settings of this package. */
    public static List<Setting<?>> all() {
        return List.of(
                ENVIRONMENT,
                Seed.SETTING,
                DRY_RUN,
                STRICT,
                UNSUPPORTED,
                NORMAL,
                OBSERVE,
                EFFECT_BOUND,
                DRAIN_BOUND,
                LATENCY_P99,
                RECOVERY_MARGIN,
                EVIDENCE_ACKNOWLEDGED,
                EVIDENCE_WINDOW,
                MAX_PACER_LAG,
                ASSERT_BOUND,
                REFUSAL_SPAN);
    }
}
