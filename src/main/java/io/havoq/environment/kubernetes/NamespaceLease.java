package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.environment.EnvironmentException;
import io.havoq.fault.chaosmesh.ChaosMeshLabels;
import io.havoq.time.GoDuration;
import io.havoq.time.RunClock;
import io.havoq.time.ThreadEnd;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every other run out of a namespace: the Lease {@code havoq} there, taken and renewed by updates that the API server refuses if
 * somebody else was first (docs/decisions/0005). Whether another holder lives is not told from its clock but seen: a
 * Lease that is not renewed for as long as it stands is free. Thread-safe.
 */
final class NamespaceLease implements AutoCloseable {
    static final String NAME = "havoq";

    private static final System.Logger LOG = System.getLogger(NamespaceLease.class.getName());

    /** Renewed so many times while it stands. */
    private static final int RENEWALS = 3;

    /** And looked at so many times as it stands. */
    private static final int LOOKS = 20;

    private static final Duration THREAD_END = Duration.ofSeconds(15);

    private final KubernetesClient client;
    private final String namespace;
    private final String holder;
    private final Duration duration;
    private final Consumer<String> progress;
    private @Nullable Lease current;
    private @Nullable Thread renewal;
    private @Nullable String lost;
    private String lastProblem = "";
    private long renewedAt;
    private boolean closed;

    /** @param holder who takes it: unique among all runs */
    NamespaceLease(
            KubernetesClient client, String namespace, String holder, Duration duration, Consumer<String> progress) {
        this.client = client;
        this.namespace = namespace;
        this.holder = holder;
        this.duration = duration;
        this.progress = progress;
    }

    /**
     * Takes the Lease and keeps renewing it. Where somebody holds it, watches until it is renewed or as long as it stands.
     *
     * @return who had it and did not give it back: that run was killed, and what it left is to be removed
     * @throws EnvironmentException if another run has it; names the run, and since when
     */
    Optional<String> acquire() {
        var previous = take();
        synchronized (this) {
            if (closed) {
                giveBack();
                throw new EnvironmentException("the run was ended while it took the namespace " + namespace);
            }
            var thread = new Thread(this::keepRenewing, "havoq-lease-renewal");
            thread.setDaemon(true);
            renewal = thread;
            thread.start();
        }
        return previous;
    }

    private Optional<String> take() {
        Lease watched = null;
        var watchedSince = 0L;
        var patience = duration;
        var deadline = RunClock.now() + duration.multipliedBy(RENEWALS).toNanos() + TimeUnit.MINUTES.toNanos(1);
        while (RunClock.now() < deadline) {
            var present = get();
            if (present == null) {
                if (put(null)) {
                    return Optional.empty();
                }
                continue;
            }
            var owner = holder(present);
            if (owner.isEmpty()) {
                if (put(present)) {
                    return Optional.empty();
                }
                continue;
            }
            if (watched == null || !owner.equals(holder(watched))) {
                watched = present;
                watchedSince = RunClock.now();
                patience = patience(present);
                progress.accept("the namespace " + namespace + " is held by " + described(present)
                        + "; watching for up to " + GoDuration.format(patience) + " whether that run lives");
            } else if (!Objects.equals(renewed(watched), renewed(present))) {
                throw new EnvironmentException(
                        "another run is using the namespace " + namespace + ": " + described(present)
                                + ", and it lives: it has just renewed the Lease " + NAME
                                + ". Wait for its end; one run at a time is allowed in a namespace");
            } else if (RunClock.now() - watchedSince >= patience.toNanos()) {
                if (put(present)) {
                    return Optional.of(owner);
                }
                continue;
            }
            pause();
        }
        throw new EnvironmentException("the Lease " + NAME + " in the namespace " + namespace
                + " changes hands all the time, and could not be taken: which runs are started there?");
    }

    /**
     * How long to watch a Lease that is not renewed. If by this machine's clock it has expired, half as long is enough: a run that
     * lives, with a clock that is wrong, renews it meanwhile.
     */
    private Duration patience(Lease lease) {
        var stands = Duration.ofSeconds(
                Optional.ofNullable(lease.getSpec().getLeaseDurationSeconds()).orElse((int) duration.toSeconds()));
        var renewed = renewed(lease);
        return renewed != null && renewed.plus(stands).isBefore(ZonedDateTime.now(ZoneOffset.UTC))
                ? stands.dividedBy(2)
                : stands;
    }

    private @Nullable Lease get() {
        return client.leases().inNamespace(namespace).withName(NAME).get();
    }

    /** Creates it, or takes over the one that is present; false if somebody else was first. */
    private boolean put(@Nullable Lease present) {
        var now = ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        var transitions = present == null
                ? 0
                : Optional.ofNullable(present.getSpec().getLeaseTransitions()).orElse(0) + 1;
        var mine = (present == null
                        ? new LeaseBuilder()
                                .withNewMetadata()
                                .withName(NAME)
                                .withNamespace(namespace)
                                .endMetadata()
                        : new LeaseBuilder(present))
                .editMetadata()
                .addToLabels(ChaosMeshLabels.MANAGED_BY, "havoq")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withAcquireTime(now)
                .withRenewTime(now)
                .withLeaseDurationSeconds((int) duration.toSeconds())
                .withLeaseTransitions(transitions)
                .endSpec()
                .build();
        var began = RunClock.now();
        try {
            var written = present == null ? client.resource(mine).create() : update(mine);
            synchronized (this) {
                current = written;
                renewedAt = began;
            }
            return true;
        } catch (KubernetesClientException e) {
            // Both may also be the answer to a repetition of a request of ours that had arrived: then it is there.
            if (e.getCode() == ApiProblem.CONFLICT || e.getCode() == ApiProblem.NOT_FOUND) {
                return adopt(began);
            }
            throw e;
        }
    }

    /** Whether what is there is this run's, against the first look of it. */
    private synchronized boolean adopt(long sinceNanos) {
        var there = get();
        if (there == null || !holder(there).equals(holder)) {
            return false;
        }
        current = there;
        renewedAt = sinceNanos;
        return true;
    }

    /** Refused with a conflict if it was changed since it was read: its resource version goes with it. */
    private Lease update(Lease lease) {
        return client.resource(lease)
                .lockResourceVersion(lease.getMetadata().getResourceVersion())
                .update();
    }

    private void keepRenewing() {
        while (true) {
            synchronized (this) {
                var due = renewedAt + duration.dividedBy(RENEWALS).toNanos();
                while (!closed && RunClock.now() < due) {
                    try {
                        TimeUnit.NANOSECONDS.timedWait(this, due - RunClock.now());
                    } catch (InterruptedException e) {
                        return; // only close() interrupts
                    }
                }
                if (closed || lost != null) {
                    return;
                }
            }
            if (!renew()) {
                synchronized (this) {
                    if (closed || lost != null) {
                        return;
                    }
                    try {
                        TimeUnit.NANOSECONDS.timedWait(this, poll());
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }
        }
    }

    /** One renewal; false if it did not succeed, be it for good or not. */
    private synchronized boolean renew() {
        if (lost() != null) {
            return false;
        }
        var began = RunClock.now();
        try {
            current = update(new LeaseBuilder(Objects.requireNonNull(current))
                    .editSpec()
                    .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS))
                    .endSpec()
                    .build());
            renewedAt = began;
            return true;
        } catch (KubernetesClientException e) {
            lastProblem = ApiProblem.reason(e);
            if (e.getCode() == ApiProblem.CONFLICT || e.getCode() == ApiProblem.NOT_FOUND) {
                return look();
            }
            return false;
        }
    }

    /** After a conflict: somebody wrote it. If it still names this run, go on from there. */
    private synchronized boolean look() {
        try {
            var there = get();
            if (there == null) {
                lost = "it was deleted";
            } else if (!holder(there).equals(holder)) {
                lost = "it was taken by " + described(there);
            } else {
                // Written by us, with the answer lost, or with a label by somebody: not counted as renewed, but tried
                // again.
                current = there;
            }
        } catch (KubernetesClientException e) {
            lastProblem = ApiProblem.reason(e);
        }
        return false;
    }

    /** Why the Lease is not this run's any more; null while it is. */
    synchronized @Nullable String lost() {
        if (lost == null && RunClock.now() - renewedAt > duration.toNanos()) {
            lost = "it could not be renewed for " + GoDuration.format(duration) + ": " + lastProblem;
        }
        return lost;
    }

    /**
     * Makes sure that the namespace is this run's, by renewing the Lease now.
     *
     * @throws EnvironmentException if it is not, or that cannot be told
     */
    synchronized void confirm() {
        // Twice: a first time may only tell that somebody has written a label on it.
        for (var i = 0; i < 2; i++) {
            if (renew()) {
                return;
            }
        }
        var why = lost();
        throw new EnvironmentException(
                why == null
                        ? "the Lease " + NAME + " in the namespace " + namespace + " could not be renewed just now: "
                                + lastProblem + "; nothing is injected without it"
                        : "this run has lost the Lease " + NAME + " in the namespace " + namespace + ": " + why
                                + "; nothing more is injected, since another run may be using the namespace");
    }

    /** Gives it back. */
    @Override
    public void close() {
        Thread ended;
        synchronized (this) {
            closed = true;
            ended = renewal;
            renewal = null;
            notifyAll();
        }
        if (ended != null) {
            ended.interrupt();
            ThreadEnd.await(ended, THREAD_END);
        }
        giveBack();
    }

    private synchronized void giveBack() {
        var mine = current;
        current = null;
        if (mine != null) {
            delete(mine, lost() == null);
        }
    }

    /** Also one that could not be renewed, if it still names this run: else the next one waits for it, and takes this run for killed. */
    private void delete(Lease mine, boolean held) {
        try {
            var there = held ? mine : get();
            if (there != null && holder(there).equals(holder)) {
                client.resource(there)
                        .lockResourceVersion(there.getMetadata().getResourceVersion())
                        .delete();
            }
        } catch (KubernetesClientException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the Lease " + NAME + " in the namespace " + namespace
                            + " could not be given back, and expires by itself: " + ApiProblem.reason(e));
        }
    }

    private static String holder(Lease lease) {
        return lease.getSpec() == null
                ? ""
                : Optional.ofNullable(lease.getSpec().getHolderIdentity()).orElse("");
    }

    private static @Nullable ZonedDateTime renewed(Lease lease) {
        return lease.getSpec().getRenewTime();
    }

    /** Who holds it, since when. */
    static String described(Lease lease) {
        return "run " + holder(lease) + " since " + lease.getSpec().getAcquireTime() + ", last renewed "
                + lease.getSpec().getRenewTime();
    }

    private long poll() {
        return duration.dividedBy(LOOKS).toNanos();
    }

    private void pause() {
        LockSupport.parkNanos(poll());
        if (Thread.currentThread().isInterrupted()) {
            throw new EnvironmentException("interrupted while waiting for the Lease " + NAME);
        }
    }
}
