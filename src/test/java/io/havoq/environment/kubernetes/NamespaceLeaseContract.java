package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.havoq.environment.EnvironmentException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One run at a time per namespace, whichever API server says so. */
abstract class NamespaceLeaseContract {
    private static final Duration STANDS = Duration.ofSeconds(2);

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private KubernetesClient client;

    abstract KubernetesClient client();

    abstract String namespace();

    /** After everything else. */
    abstract void disconnect();

    @BeforeEach
    void connect() {
        client = client();
        client.leases().inNamespace(namespace()).withName(NamespaceLease.NAME).delete();
    }

    @AfterEach
    void end() throws Exception {
        for (var one : open) {
            one.close();
        }
        client.leases().inNamespace(namespace()).withName(NamespaceLease.NAME).delete();
        client.close();
        disconnect();
    }

    private NamespaceLease lease(String holder) {
        var lease = new NamespaceLease(client, namespace(), holder, STANDS, told::add);
        open.add(lease);
        return lease;
    }

    private Lease present() {
        return Objects.requireNonNull(client.leases()
                .inNamespace(namespace())
                .withName(NamespaceLease.NAME)
                .get());
    }

    /** A Lease as a run leaves it that is killed. */
    private void abandoned(ZonedDateTime renewed) {
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(NamespaceLease.NAME)
                        .withNamespace(namespace())
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("dead@there:1")
                        .withAcquireTime(renewed)
                        .withRenewTime(renewed)
                        .withLeaseDurationSeconds((int) STANDS.toSeconds())
                        .endSpec()
                        .build())
                .create();
    }

    private static ZonedDateTime now() {
        return ZonedDateTime.now(ZoneOffset.UTC);
    }

    @Test
    void aFreeNamespaceIsTakenAndGivenBackWithNothingLeft() {
        var lease = lease("one@here:1");
        assertThat(lease.acquire()).isEmpty();
        assertThat(present().getSpec().getHolderIdentity()).isEqualTo("one@here:1");
        lease.confirm();
        lease.close();
        assertThat(client.leases()
                        .inNamespace(namespace())
                        .withName(NamespaceLease.NAME)
                        .get())
                .isNull();
    }

    @Test
    void itIsRenewedWhileItIsHeld() {
        lease("one@here:1").acquire();
        var first = present().getSpec().getRenewTime();
        await("a renewal")
                .atMost(STANDS)
                .until(() -> present().getSpec().getRenewTime().isAfter(first));
        assertThat(present().getSpec().getAcquireTime()).isBeforeOrEqualTo(first);
    }

    @Test
    void aRunThatLivesKeepsOthersOutAndIsNamedToThem() {
        lease("one@here:1").acquire();
        var second = lease("two@there:2");
        assertThatThrownBy(second::acquire)
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("another run is using the namespace " + namespace())
                .hasMessageContaining("run one@here:1 since ");
        assertThat(told).anyMatch(line -> line.contains("held by run one@here:1"));
        second.close();
        assertThat(present().getSpec().getHolderIdentity()).isEqualTo("one@here:1");
    }

    @Test
    void whatAKilledRunHeldIsTakenOverOnceItWasNotRenewedForAsLongAsItStands() {
        abandoned(now());
        var began = System.nanoTime();
        assertThat(lease("two@there:2").acquire()).contains("dead@there:1");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(STANDS);
        assertThat(present().getSpec().getLeaseTransitions()).isEqualTo(1);
    }

    @Test
    void oneThatHasExpiredIsTakenOverSooner() {
        abandoned(now().minusHours(1));
        var began = System.nanoTime();
        assertThat(lease("two@there:2").acquire()).contains("dead@there:1");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(STANDS.dividedBy(2), STANDS);
    }

    /** Its renewals are an hour old by this machine's clock, and renewals all the same. */
    @Test
    void aRunThatLivesIsNotTakenForDeadBecauseItsClockIsWrong() {
        abandoned(now().minusHours(1));
        var renewing = new Thread(
                () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        client.leases()
                                .inNamespace(namespace())
                                .withName(NamespaceLease.NAME)
                                .edit(lease -> new LeaseBuilder(lease)
                                        .editSpec()
                                        .withRenewTime(
                                                lease.getSpec().getRenewTime().plusSeconds(1))
                                        .endSpec()
                                        .build());
                        java.util.concurrent.locks.LockSupport.parkNanos(200_000_000);
                    }
                },
                "a run with a wrong clock");
        open.add(() -> {
            renewing.interrupt();
            renewing.join();
        });
        renewing.start();
        assertThatThrownBy(lease("two@there:2")::acquire)
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("dead@there:1");
    }

    @Test
    void ofManyThatTryAtOnceExactlyOneGetsIt() {
        abandoned(now().minusHours(1));
        var together = new CyclicBarrier(4);
        var tries = new ArrayList<CompletableFuture<Optional<String>>>();
        for (var i = 0; i < 4; i++) {
            var lease = lease("run-" + i + "@here:1");
            tries.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            together.await();
                        } catch (Exception e) {
                            throw new CompletionException(e);
                        }
                        return lease.acquire();
                    },
                    task -> new Thread(task, "candidate").start()));
        }
        var won = 0;
        for (var one : tries) {
            try {
                assertThat(one.join()).contains("dead@there:1");
                won++;
            } catch (CompletionException e) {
                assertThat(e.getCause()).isInstanceOf(EnvironmentException.class);
            }
        }
        assertThat(won).isOne();
    }

    @Test
    void aLeaseThatSomebodyTookIsLostAndNothingIsConfirmedAnyMore() {
        var lease = lease("one@here:1");
        lease.acquire();
        client.leases()
                .inNamespace(namespace())
                .withName(NamespaceLease.NAME)
                .edit(there -> new LeaseBuilder(there)
                        .editSpec()
                        .withHolderIdentity("thief@there:2")
                        .endSpec()
                        .build());
        assertThatThrownBy(lease::confirm)
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("lost the Lease")
                .hasMessageContaining("taken by run thief@there:2");
        assertThat(lease.lost()).contains("thief");
        lease.close();
        assertThat(present().getSpec().getHolderIdentity()).isEqualTo("thief@there:2");
    }

    @Test
    void aLeaseThatSomebodyDeletedIsLost() {
        var lease = lease("one@here:1");
        lease.acquire();
        client.leases().inNamespace(namespace()).withName(NamespaceLease.NAME).delete();
        assertThatThrownBy(lease::confirm).hasMessageContaining("it was deleted");
    }

    @Test
    void aLabelThatSomebodyPutOnItDoesNotLoseIt() {
        var lease = lease("one@here:1");
        lease.acquire();
        client.leases()
                .inNamespace(namespace())
                .withName(NamespaceLease.NAME)
                .edit(there -> new LeaseBuilder(there)
                        .editMetadata()
                        .addToAnnotations("seen", "yes")
                        .endMetadata()
                        .build());
        assertThatCode(lease::confirm).doesNotThrowAnyException();
        assertThat(present().getMetadata().getAnnotations()).containsEntry("seen", "yes");
    }
}
