package io.havoq.experiment;

import io.havoq.Cluster;
import io.havoq.Experiment;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
    private final SteadyState steadyState;
    private final Throughput throughput;
    private final FaultWindow window;
    private final FaultInForce inForce;
    private final RecoveryPhase recovery;
    private final long startedAt = RunClock.now();

    private List<ManifestDocument> documents = List.of();
    private List<Target> before = List.of();
    private Objective objective;
    private @Nullable Instruments instruments;
    private @Nullable FaultPhase fault;
    private @Nullable RunningExperiment running;
    private boolean begun;
    private boolean recoveryTried;
    private boolean held;
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
        steadyState = new SteadyState(run, phases);
        throughput = new Throughput(definition.measuresThroughput(), findings);
        window = new FaultWindow(definition.baseline(), run.settings());
        inForce = new FaultInForce(findings, phases, window);
        recovery = new RecoveryPhase(id, definition.baseline(), run, findings, window);
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
        begun = steadyState.withoutLoad()
                && phases.run("targets chosen", this::chooseTargets)
                && !dryRun()
                && supported()
                && steadyState.underLoad(instruments())
                && normalThroughput()
                && phases.run("injected", this::inject)
                && phases.run("effect observed", this::awaitEffect);
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

    private boolean normalThroughput() {
        return !throughput.measured()
                || phases.run("normal throughput measured", () -> throughput.measureNormal(instruments()));
    }

    /** Sends a burst now. */
    Burst burst() throws InterruptedException {
        return throughput.burst(instruments(), window.sinceBegin());
    }

    /** The burst before the fault. */
    Burst normalBurst() {
        return throughput.normal();
    }

    /** What was delivered since the fault began, up to now or to its and its outage's end. */
    DeliveryStatistics deliveriesDuring() {
        return window.deliveries(instruments().ledger());
    }

    private String inject() throws Exception {
        if (definition.baseline()) {
            window.begins(OptionalLong.of(RunClock.now()));
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
        window.begins(fault().injectedAt());
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
            held = phases.run(
                    "held", () -> inForce.keep(fault(), run.environment().timeInForce(fault().duration())));
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
        return recoveryTried ? recovery.notTheBrokersTime(fault(), instruments()) : Optional.empty();
    }

    /** Removes the fault, measures recovery, drains and judges; returns what the test is to throw. */
    public Optional<Throwable> end() {
        var interrupted = Thread.interrupted();
        ended = true;
        try {
            removeAndMeasure();
            if (instruments != null && steadyState.loadSince().isPresent()) {
                var evident = phases.run("evidence gathered", () -> window.gatherEvidence(instruments()));
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
        return recovery.recovery();
    }

    /** Does what has not succeeded so far: a time-out of the test's body may have cut it short. */
    private void removeAndMeasure() {
        if (fault == null) {
            return;
        }
        if (!removed) {
            removed = phases.run("removed", this::remove);
        }
        if (!recovery.measured() && window.from().isPresent()) {
            phases.run(
                    definition.baseline() ? "observed" : "recovered",
                    () -> recovery.measure(fault(), instruments(), objective));
        }
    }

    private String remove() {
        inForce.remove(fault(), run.settings().get(ExperimentSettings.EFFECT_BOUND));
        return definition.baseline() ? "nothing" : fault().removal();
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
                recovery.times(),
                recovery.recovery().clusterRto(),
                recovery.recovery().serviceRto(),
                window.from(),
                window.until(),
                definition.baseline() || fault().oneShot() ? OptionalLong.empty() : fault().removedAt(),
                drained,
                evident,
                recovery.base(fault()),
                recovery.delays(fault())));
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
        return fault != null && fault.leftSomething();
    }

    /** Waits until nothing of this experiment's fault is left, and tries to remove what is; throws if something stays. */
    void awaitNothingLeft(Duration bound) {
        if (fault != null) {
            fault.awaitNothingLeft(bound);
        }
    }

    /** Whether the cluster is known to be whole, so that the next experiment may use it. */
    boolean clusterIsWhole() {
        return recovery.times().isEmpty()
                ? verdict == Verdict.UNSUPPORTED
                : recovery.times().get().clusterRecoveredAtNanos().isPresent()
                        && (judge == null || !judge.clusterGone());
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
                        recovery.times(),
                        recovery.recovery().serviceRto(),
                        recovery.recovery().clusterRto(),
                        Optional.ofNullable(judge).flatMap(ExperimentJudge::judgement),
                        Optional.ofNullable(judge)
                                .map(ExperimentJudge::checklist)
                                .orElse(List.of()),
                        documents,
                        steadyState.loadSince(),
                        window)
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
        return recovery.measured();
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
