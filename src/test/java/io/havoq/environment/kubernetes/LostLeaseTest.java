package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A Lease that cannot be renewed is lost when it stands no longer, whether somebody took it or not. */
class LostLeaseTest {
    private static final Duration STANDS = Duration.ofSeconds(2);
    private static final String LEASE = "PUT /apis/coordination.k8s.io/v1/namespaces/mqtt/leases/havoq";

    @Test
    void isLostOnceItCouldNotBeRenewedForAsLongAsItStands() {
        try (var cluster = new MockCluster();
                var lease =
                        new NamespaceLease(cluster.client(), MockCluster.NAMESPACE, "one@here:1", STANDS, line -> {})) {
            lease.acquire();
            cluster.refuse(LEASE, 500, "etcdserver: no leader");
            assertThatThrownBy(lease::confirm)
                    .hasMessageContaining("could not be renewed just now: etcdserver: no leader")
                    .hasMessageContaining("nothing is injected");
            assertThat(lease.lost()).isNull();
            await("the Lease is lost").atMost(STANDS.multipliedBy(3)).until(() -> lease.lost() != null);
            cluster.scripted.remove(LEASE);
            assertThatThrownBy(lease::confirm)
                    .hasMessageContaining("lost the Lease")
                    .hasMessageContaining("could not be renewed for 2s: etcdserver: no leader");
        }
    }

    /** Else the next run waits for it, and takes this one for killed. */
    @Test
    void isGivenBackThoughItWasLostIfNobodyTookItSince() {
        try (var cluster = new MockCluster()) {
            for (var taken : new boolean[] {false, true}) {
                try (var lease =
                        new NamespaceLease(cluster.client(), MockCluster.NAMESPACE, "one@here:1", STANDS, line -> {})) {
                    lease.acquire();
                    cluster.refuse(LEASE, 500, "etcdserver: no leader");
                    await("the Lease is lost").atMost(STANDS.multipliedBy(3)).until(() -> lease.lost() != null);
                    cluster.scripted.remove(LEASE);
                    if (taken) {
                        cluster.client
                                .leases()
                                .inNamespace(MockCluster.NAMESPACE)
                                .withName(NamespaceLease.NAME)
                                .edit(there -> new LeaseBuilder(there)
                                        .editSpec()
                                        .withHolderIdentity("two@there:2")
                                        .endSpec()
                                        .build());
                    }
                }
                var there = cluster.client
                        .leases()
                        .inNamespace(MockCluster.NAMESPACE)
                        .withName(NamespaceLease.NAME)
                        .get();
                assertThat(there != null).isEqualTo(taken);
            }
        }
    }

    @Test
    void isKeptThroughAnOutageThatIsShorter() {
        try (var cluster = new MockCluster();
                var lease =
                        new NamespaceLease(cluster.client(), MockCluster.NAMESPACE, "one@here:1", STANDS, line -> {})) {
            lease.acquire();
            cluster.refuse(LEASE, 503, "the server is starting");
            await("a renewal that fails")
                    .atMost(STANDS)
                    .until(() -> cluster.requests.stream().filter(LEASE::equals).count() > 0);
            cluster.scripted.remove(LEASE);
            lease.confirm();
            assertThat(lease.lost()).isNull();
        }
    }

    @Test
    void endsItsThreadWhenItIsClosed() {
        try (var cluster = new MockCluster()) {
            var lease = new NamespaceLease(cluster.client(), MockCluster.NAMESPACE, "one@here:1", STANDS, line -> {});
            lease.acquire();
            assertThat(threads()).isTrue();
            lease.close();
            assertThat(threads()).isFalse();
        }
    }

    private static boolean threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("havoq-lease-renewal"));
    }
}
