package io.havoq.experiment;

import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.InconclusiveException;
import io.havoq.Recovery;
import io.havoq.Verdict;
import io.havoq.Workload;
import io.havoq.environment.Target;
import io.havoq.ledger.DeliveryStatistics;
import io.havoq.ledger.Ledger;
import io.havoq.manifest.DryRun;
import io.havoq.manifest.ManifestDocument;
import io.havoq.manifest.Manifests;
import io.havoq.mqtt.MqttClients;
import io.havoq.recovery.Objective;
import io.havoq.report.ExperimentResult;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import io.havoq.workload.Burst;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The life of one experiment, from its declaration to its result: prepared, begun (steady state, load, injection, proof),
 * the test's body, ended (removal, recovery, draining, judgement), concluded. Nothing in it throws before the end: what
 * goes wrong becomes a finding, the rest still happens, and {@link #end()} returns what the test is to throw. To be used by
 * the test's own thread.
 */
public final class ExperimentLife {
    private final ExperimentDefinition definition;
    private final String id;
    private final Run run;
    private final Findings findings;
    private final PhaseLog phases;
    private final Throughput throughput;
    private final long startedAt = RunClock.now();

    private List<ManifestDocument> documents = List.of();
    private List<Target> before = List.of();
    private Objective objective;
    private @Nullable Instruments instruments;
    private @Nullable FaultPhase fault;
    private @Nullable RunningExperiment running;
    private boolean begun;
    private OptionalLong normalFrom = OptionalLong.empty();
    private OptionalLong windowFrom = OptionalLong.empty();
    private OptionalLong windowUntil = OptionalLong.empty();
    private @Nullable MeasuredRecovery recovered;
    private boolean recoveryTried;
    private boolean held;
    private boolean lost;
    private boolean removed;
    private boolean drained;
    private boolean ended;
    private boolean closed;
    private @Nullable ExperimentJudge judge;
    private Verdict verdict = Verdict.INCONCLUSIVE;

    ExperimentLife(ExperimentDefinition definition, String id, Run run) {
        this.definition = definition;
        this.id = id;
        this.run = run;
        findings = new Findings(definition.tolerated(), run.settings().get(ExperimentSettings.STRICT));
        phases = new PhaseLog(id, run.console(), findings);
        throughput = new Throughput(definition.measuresThroughput(), findings);
        objective = definition.objective().orElse(Objective.of(List.of()));
    }

    /** Reads the manifests, starts the environment and gets the instruments ready. */
    public void prepare() {
        var ready = run.refusal(definition).map(this::refuse).orElse(true)
                && phases.run("manifests read", this::readManifests)
                && phases.run("cluster ready", this::startCluster);
        if (ready) {
            instruments = run.instruments(id, findings, definition.measuresThroughput());
        }
    }

    private boolean refuse(String why) {
        findings.unproven(why);
        return false;
    }

    private String readManifests() {
        documents = Manifests.readAll(definition.manifests()).stream()
                .map(run::rewritten)
                .toList();
        var specs = documents.stream().map(ManifestDocument::spec).toList();
        objective = definition.objective().orElseGet(() -> Objective.of(specs));
        return documents.isEmpty()
                ? "none: a baseline"
                : specs.stream().map(spec -> spec.kind() + " " + spec.action()).collect(Collectors.joining(", "));
    }

    private String startCluster() {
        if (!run.settings().get(ExperimentSettings.DRY_RUN)) {
            run.environment()
                    .prepare(documents.stream().map(ManifestDocument::spec).toList());
        }
        run.environment().start();
        run.environment().beginExperiment(id);
        return run.environment().description();
    }

    /** Steady state, load, injection and its proof. */
    public void begin() {
        if (instruments == null) {
            return;
        }
        begun = steady("steady state confirmed", this::confirmSteadyState)
                && phases.run("targets chosen", this::chooseTargets)
                && !dryRun()
                && supported()
                && steady("load flowing", this::startLoad)
                && normalThroughput()
                && phases.run("injected", this::inject)
                && phases.run("effect observed", this::awaitEffect);
    }

    /** What it throws says why the cluster is not steady; a time-out of the test says nothing of the cluster. */
    private boolean steady(String phase, Callable<String> confirmation) {
        return phases.run(phase, () -> {
            try {
                return confirmation.call();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                // Some say in words of their own that they were interrupted.
                if (!Thread.currentThread().isInterrupted()) {
                    run.notSteady(e);
                }
                throw e;
            }
        });
    }

    private String confirmSteadyState() {
        var bound = run.environment().startTimeout();
        run.unsettled().forEach(former -> former.awaitNothingLeft(bound));
        if (!Waiting.becomes(
                "every node is ready",
                bound,
                () -> run.environment().targets().stream().allMatch(Target::ready))) {
            throw new IllegalStateException("no steady state: not ready within " + GoDuration.format(bound) + ": "
                    + run.environment().targets().stream()
                            .filter(target -> !target.ready())
                            .map(target -> target.name() + " (" + target.phase() + ")")
                            .collect(Collectors.joining(", ")));
        }
        return run.environment().targets().size() + " nodes ready, roles " + run.roles();
    }

    private String chooseTargets() {
        before = run.environment().targets();
        var plan = new TargetChoice(run.environment(), run.rolesTold(), run.seed(), definition.victim())
                .plan(id, documents, findings);
        fault = new FaultPhase(id, plan, run.environment());
        return plan.isEmpty()
                ? "none: a baseline"
                : plan.stream().map(PlannedFault::toString).collect(Collectors.joining("; "));
    }

    private boolean dryRun() {
        var dry = run.settings().get(ExperimentSettings.DRY_RUN);
        if (dry) {
            DryRun.lines(documents, before, run.seed())
                    .forEach(line -> run.console().say(id, line));
            findings.cannotDo(
                    "a dry run: nothing was injected, it would be "
                            + (definition.baseline() ? "nothing" : fault().plan()),
                    "leave out " + ExperimentSettings.DRY_RUN.key());
        }
        return dry;
    }

    private boolean supported() {
        return fault().supported(findings);
    }

    private String startLoad() throws Exception {
        instruments().start(!run.unsettled().isEmpty() ? run.environment().startTimeout() : Instruments.STEADY_BOUND);
        normalFrom = OptionalLong.of(RunClock.now());
        instruments().observe(run.settings().get(ExperimentSettings.NORMAL));
        run.steady();
        return instruments().ledger().acknowledgedBetween(normalFrom.getAsLong(), RunClock.now())
                + " QoS 1/2 messages acknowledged so far";
    }

    private boolean normalThroughput() {
        return !throughput.measured()
                || phases.run("normal throughput measured", () -> throughput.measureNormal(instruments()));
    }

    /** Sends a burst now. */
    Burst burst() throws InterruptedException {
        return throughput.burst(instruments(), sinceWindow());
    }

    /** The burst before the fault. */
    Burst normalBurst() {
        return throughput.normal();
    }

    private Duration sinceWindow() {
        var now = RunClock.now();
        return Duration.ofMillis(RunClock.between(windowFrom.orElse(now), now).toMillis());
    }

    /** What was delivered since the fault began, up to now or to its and its outage's end. */
    DeliveryStatistics deliveriesDuring() {
        if (windowFrom.isEmpty()) {
            throw new IllegalStateException("there is no fault yet: ask in the test method");
        }
        var until = windowUntil.orElseGet(RunClock::now);
        var statistics = instruments().ledger().deliveries(windowFrom.getAsLong(), until);
        var needed = run.settings().get(ExperimentSettings.EVIDENCE_WINDOW);
        if (statistics.deliveries() < needed) {
            throw new InconclusiveException("only " + statistics.deliveries()
                    + " messages were delivered since the fault began, " + needed + " are needed ("
                    + ExperimentSettings.EVIDENCE_WINDOW.key() + "): ask after experiment.hold()");
        }
        return statistics;
    }

    private String inject() throws Exception {
        if (definition.baseline()) {
            windowFrom = OptionalLong.of(RunClock.now());
            return "nothing: a baseline";
        }
        if (definition.victim().isPresent()) {
            // Roles may have moved while the load came up.
            var unused = chooseTargets();
        }
        return new FaultExposure(fault(), instruments(), findings, run.settings()).inject();
    }

    private String awaitEffect() {
        if (definition.baseline()) {
            return "nothing to observe";
        }
        windowFrom = fault().injectedAt();
        return new FaultExposure(fault(), instruments(), findings, run.settings()).observed();
    }

    /** Whether the test's body is to run. */
    public boolean bodyMayRun() {
        return begun;
    }

    /**
     * Keeps lasting faults in force until their time has passed since the last of them was injected, while the load flows; returns at once for kills, if
     * the fault was removed before, and if it turns out not to be in force any more. Ends early, inconclusively, when the thread is
     * interrupted, as a time-out of the test does.
     */
    public void hold() {
        if (begun && !definition.baseline() && !recoveryTried && !held && !fault().oneShot()) {
            held = phases.run("held", this::keepInForce);
        }
    }

    private String keepInForce() throws Exception {
        var planned = run.environment().timeInForce(fault().duration());
        var since = fault().togetherSince().orElseThrow();
        var left = planned.minus(RunClock.between(since, RunClock.now()));
        if (!Waiting.holds(left, fault()::lastingInForce)) {
            lost();
            return "not in force any more after " + GoDuration.format(sinceWindow());
        }
        return (fault().spent().isEmpty() ? "in force for " : "spent on " + fault().spent() + " within ")
                + GoDuration.format(sinceWindow())
                + fault().duration()
                        .filter(whole -> whole.compareTo(planned) > 0)
                        .map(whole -> " instead of the manifest's " + GoDuration.format(whole))
                        .orElse("");
    }

    /** The fault ended by itself, or got lost: what was seen since was not seen under it. */
    private void lost() {
        if (!lost) {
            lost = true;
            findings.unproven("the fault was no longer in force " + GoDuration.format(sinceWindow())
                    + " after the injection, though nobody had removed it");
        }
    }

    /** The test's body threw. */
    public void bodyThrew(Throwable thrown) {
        if (thrown instanceof AssertionError error) {
            notTheBrokersTime()
                    .ifPresentOrElse(
                            why -> findings.unproven("test body, not judged, since " + why, error),
                            () -> findings.bodyFailed(error));
        } else if (thrown instanceof TestAbortedException aborted) {
            findings.cannotDo("the test's own assumption did not hold: " + aborted.getMessage(), "see the test");
        } else {
            findings.unproven("test body", thrown);
        }
    }

    /**
     * Why the recovery's times say nothing of the broker. What a body asserts after it was told them, it may assert of them; what it asserts
     * of messages, the ledger judges all the same.
     */
    private Optional<String> notTheBrokersTime() {
        if (!recoveryTried || recovered == null || definition.baseline()) {
            return Optional.empty();
        }
        var delays = delays();
        return delays.within(RunClock.instant(recovered.base()), Instant.now()).isZero()
                ? Overload.of(instruments(), run.settings())
                : Optional.of(delays.toString());
    }

    /** Removes the fault, measures recovery, drains and judges; returns what the test is to throw. */
    public Optional<Throwable> end() {
        var interrupted = Thread.interrupted();
        ended = true;
        try {
            removeAndMeasure();
            if (instruments != null && normalFrom.isPresent()) {
                var evident = phases.run("evidence gathered", this::gatherEvidence);
                drain();
                phases.run("judged", () -> judge(evident));
            }
            close();
            verdict = VerdictRule.of(judged(), acted());
            return VerdictThrowable.of(verdict, judged(), acted(), run.unsupportedFails());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Removes the fault and waits until the cluster has recovered; idempotent. */
    Recovery recover() {
        if (!recoveryTried && fault != null) {
            recoveryTried = true;
            removeAndMeasure();
        }
        return recovery();
    }

    private Recovery recovery() {
        return recovered == null || definition.baseline() ? MeasuredRecovery.NONE : recovered.recovery();
    }

    private Optional<Instruments.RecoveryTimes> times() {
        return Optional.ofNullable(recovered).map(MeasuredRecovery::times);
    }

    /** Does what has not succeeded so far: a time-out of the test's body may have cut it short. */
    private void removeAndMeasure() {
        if (fault == null) {
            return;
        }
        if (!removed) {
            removed = phases.run("removed", this::remove);
        }
        if (recovered == null && windowFrom.isPresent()) {
            phases.run(definition.baseline() ? "observed" : "recovered", this::measureRecovery);
        }
    }

    private String remove() {
        findings.removalBegins();
        var vouched = fault().removedAt().isPresent();
        if (!vouched && fault().acted()) {
            phases.attempt("asked whether the fault is in force", () -> {
                if (!fault().lastingInForce()) {
                    lost();
                }
            });
        }
        fault().remove();
        if (!vouched) {
            fault().doubts().forEach(doubt -> findings.unproven("nobody can vouch for the fault: " + doubt));
        }
        if (!fault().awaitGone(run.settings().get(ExperimentSettings.EFFECT_BOUND))) {
            throw new IllegalStateException(fault().left());
        }
        return definition.baseline() ? "nothing" : fault().removal();
    }

    private String measureRecovery() throws InterruptedException {
        if (definition.baseline()) {
            instruments().observe(run.settings().get(ExperimentSettings.OBSERVE));
        }
        var base = definition.baseline() ? windowFrom : fault().recoveryBase();
        if (base.isEmpty()) {
            throw new IllegalStateException("recovery cannot be counted: the fault was not removed");
        }
        awaitRestarts();
        var bound = objective.acceptable().plus(run.settings().get(ExperimentSettings.RECOVERY_MARGIN));
        var measured = instruments().awaitRecovery(windowFrom.getAsLong(), base.getAsLong(), bound);
        recovered = new MeasuredRecovery(measured, base.getAsLong());
        windowUntil = OptionalLong.of(measured.clusterRecoveredAtNanos().orElseGet(measured::watchedUntilNanos));
        if (definition.baseline()) {
            windowUntil = OptionalLong.of(RunClock.now());
        }
        return measured.detail();
    }

    /** A cluster is not waited for in vain while one of its nodes is kept down by no doing of its broker. */
    private void awaitRestarts() {
        var delays = delays();
        if (delays.waiting()) {
            var bound = run.environment().startTimeout();
            run.console().say(id, "waiting up to " + GoDuration.format(bound) + ", since " + delays);
            var unused = Waiting.becomes("no node is kept down", bound, () -> !delays().waiting());
        }
    }

    /** The nodes that this fault may have ended and that were kept down by no doing of their brokers. */
    private RestartDelays delays() {
        return RestartDelays.of(run.environment(), fault().plan(), findings);
    }

    private String gatherEvidence() {
        var needed = run.settings().get(ExperimentSettings.EVIDENCE_ACKNOWLEDGED);
        if (!instruments().awaitAcknowledged(needed, run.settings().get(ExperimentSettings.DRAIN_BOUND))) {
            throw new IllegalStateException("fewer than " + needed + " QoS 1/2 messages were acknowledged ("
                    + ExperimentSettings.EVIDENCE_ACKNOWLEDGED.key() + ")");
        }
        var inWindow = acknowledgedInWindow();
        var neededInWindow = run.settings().get(ExperimentSettings.EVIDENCE_WINDOW);
        if (windowFrom.isPresent() && !definition.baseline() && inWindow < neededInWindow) {
            throw new IllegalStateException(
                    "only " + inWindow + " QoS 1/2 messages were acknowledged within the fault or" + " its outage, "
                            + neededInWindow + " are needed (" + ExperimentSettings.EVIDENCE_WINDOW.key() + ")");
        }
        return inWindow + " QoS 1/2 messages acknowledged within the fault or its outage";
    }

    private long acknowledgedInWindow() {
        return windowFrom.isPresent() && windowUntil.isPresent()
                ? instruments().ledger().acknowledgedBetween(windowFrom.getAsLong(), windowUntil.getAsLong())
                : 0;
    }

    /** Stops publishing and waits for what is still due; idempotent, but for a time-out that cut it short. */
    Ledger drain() {
        if (!drained) {
            drained = phases.run("drained", () -> {
                var bound = run.settings().get(ExperimentSettings.DRAIN_BOUND);
                instruments().drain(bound);
                var missing = instruments().ledger().missing();
                return missing == 0
                        ? "nothing missing"
                        : missing + " deliveries missing after " + GoDuration.format(bound);
            });
        }
        return instruments().ledger();
    }

    private String judge(boolean evident) throws InterruptedException {
        var judging = new ExperimentJudge(
                definition.baseline(), objective, run.environment(), run.settings(), instruments(), findings);
        judge = judging;
        return judging.judge(new ExperimentJudge.Observed(
                before,
                fault().plan(),
                times(),
                recovery().clusterRto(),
                recovery().serviceRto(),
                windowFrom,
                windowUntil,
                definition.baseline() || fault().oneShot() ? OptionalLong.empty() : fault().removedAt(),
                drained,
                evident,
                definition.baseline() ? windowFrom : fault().recoveryBase(),
                delays()));
    }

    /** The nodes' names, as far as anyone has seen them. */
    List<String> nodes() {
        return before.stream().map(Target::name).toList();
    }

    /** Whether the fault acted as its manifest says: what was seen under one that did not was seen by no valid check. */
    private boolean acted() {
        return definition.baseline() ? begun : fault != null && fault.vouched();
    }

    /** What was found, as far as it may be blamed on the broker and not on a fault that was seen to be left. */
    private List<Finding> judged() {
        return leftSomething() && fault != null && fault.seenLeft() ? findings.withFaultLeft() : findings.all();
    }

    /** Whether something was injected and not all of it is known to be gone. */
    boolean leftSomething() {
        return fault != null
                && (fault.leftBehind().isPresent()
                        || (fault.goneAt().isEmpty() && fault.requestedAt().isPresent()));
    }

    /** Waits until nothing of this experiment's fault is left, and tries to remove what is; throws if something stays. */
    void awaitNothingLeft(Duration bound) {
        if (leftSomething()) {
            fault().leftBehind().ifPresent(what -> {
                throw new IllegalStateException("no steady state: " + what);
            });
            fault().remove();
            // What a kill leaves is a node that is not back, which has to be ready anyhow.
            if (!fault().oneShot() && !fault().awaitGone(bound)) {
                throw new IllegalStateException(
                        "no steady state: still after " + GoDuration.format(bound) + " " + fault().left());
            }
        }
    }

    /** Whether the cluster is known to be whole, so that the next experiment may use it. */
    boolean clusterIsWhole() {
        return recovered == null
                ? verdict == Verdict.UNSUPPORTED
                : recovered.times().clusterRecoveredAtNanos().isPresent() && (judge == null || !judge.clusterGone());
    }

    /** Whether this experiment has touched the cluster. */
    boolean touchedTheCluster() {
        return instruments != null;
    }

    /** Ends the clients and removes what they left in the broker; idempotent. */
    public void close() {
        if (instruments != null && !closed) {
            closed = true;
            var interrupted = Thread.interrupted();
            phases.run("cleaned up", () -> {
                instruments().close();
                return "no session and no retained message left";
            });
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Unique within the run. */
    String id() {
        return id;
    }

    /** The result, once JUnit has seen the test's end: what JUnit saw and what the result says must agree. */
    ExperimentResult result(Optional<Throwable> seenByJunit) {
        var aborted = seenByJunit.filter(TestAbortedException.class::isInstance).isPresent();
        if (seenByJunit.isPresent()
                && (verdict == Verdict.PASSED
                        || (verdict == Verdict.UNSUPPORTED && !aborted && !run.unsupportedFails())
                        || !ended)) {
            // Thrown before the experiment could begin, e.g. by @BeforeEach, or after the judgement, e.g. by
            // @AfterEach.
            bodyThrew(seenByJunit.get());
            verdict = VerdictRule.of(judged(), acted());
        }
        return new ResultAssembly(
                        definition,
                        id,
                        verdict,
                        acted(),
                        findings,
                        phases.phases(),
                        startedAt,
                        objective,
                        Optional.ofNullable(fault),
                        Optional.ofNullable(instruments),
                        times(),
                        recovery().serviceRto(),
                        recovery().clusterRto(),
                        Optional.ofNullable(judge).flatMap(ExperimentJudge::judgement),
                        Optional.ofNullable(judge)
                                .map(ExperimentJudge::checklist)
                                .orElse(List.of()),
                        documents,
                        normalFrom,
                        windowFrom,
                        windowUntil)
                .assemble();
    }

    /** The test's view of this experiment. */
    public Experiment experiment() {
        var view = running;
        if (view == null) {
            view = new RunningExperiment(id, this, () -> Optional.ofNullable(fault), findings);
            running = view;
        }
        return view;
    }

    /** The test's view of the load. */
    public Workload workload() {
        return new RunningWorkload(this, instruments());
    }

    /** The test's view of the cluster. */
    public Cluster cluster() {
        return new RunningCluster(
                run.environment(), () -> Optional.ofNullable(fault), this::instruments, run.settings(), findings);
    }

    /** Clients for the test. */
    public MqttClients clients() {
        return instruments().clients();
    }

    /** Whether recovery was measured, so that the ledger may be drained. */
    boolean recovered() {
        return recovered != null;
    }

    private FaultPhase fault() {
        if (fault == null) {
            throw new IllegalStateException("the targets have not been chosen yet");
        }
        return fault;
    }

    private Instruments instruments() {
        if (instruments == null) {
            throw new IllegalStateException(
                    "the cluster did not become ready, so there is nothing to talk to: see the first finding");
        }
        return instruments;
    }
}
