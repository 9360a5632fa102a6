package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.havoq.environment.Target;
import io.havoq.fault.Aim;
import io.havoq.fault.FaultEngine;
import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.PreparedFault;
import io.havoq.fault.Proof;
import io.havoq.fault.Support;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.ManifestRewriter;
import io.havoq.manifest.Manifests;
import java.lang.reflect.Method;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is let through to Chaos Mesh. */
class GuardedEngineTest {
    private static final PreflightReport ALL_THERE = new PreflightReport(List.of(), "v2.8.3");

    @TempDir
    private Path output;

    private final MockCluster cluster = new MockCluster();
    private final List<String> done = new CopyOnWriteArrayList<>();
    private NamespaceLease lease;
    private BrokerPods pods;
    private Artifacts artifacts;
    private List<Target> targets;

    @BeforeEach
    void start() {
        cluster.brokers();
        lease = new NamespaceLease(
                cluster.client(), MockCluster.NAMESPACE, "one@here:1", Duration.ofSeconds(30), line -> {});
        lease.acquire();
        pods = new BrokerPods(cluster.client, MockCluster.NAMESPACE, MockCluster.settings(Map.of()), false);
        artifacts = new Artifacts(
                cluster.client,
                MockCluster.NAMESPACE,
                "run",
                pods,
                new PodLogs(cluster.client, MockCluster.NAMESPACE),
                new Figures(
                        MockCluster.settings(Map.of()),
                        MockCluster.NAMESPACE,
                        pods,
                        new PodPages(cluster.client, true)),
                output);
        targets = pods.enlist();
    }

    @AfterEach
    void close() {
        lease.close();
        cluster.close();
    }

    private GuardedEngine guarded(PreflightReport report) {
        return guarded(report, new Recording());
    }

    private GuardedEngine guarded(PreflightReport report, FaultEngine engine) {
        return new GuardedEngine(
                engine, report, lease, MockCluster.NAMESPACE, new ShareCap(50), pods::targets, artifacts);
    }

    private static ChaosSpec spec(String file) {
        return new ManifestRewriter(MockCluster.settings(Map.of()))
                .rewrite(Manifests.readAll(List.of("chaos/" + file)).get(0).spec());
    }

    /** An engine that does nothing and writes it down. */
    private class Recording implements FaultEngine {
        @Override
        public Support supports(ChaosSpec spec) {
            done.add("asked " + spec.kind());
            return new Support.Supported();
        }

        @Override
        public Injection inject(String id, ChaosSpec spec, List<Target> targets, List<Target> peers) {
            done.add("injected " + id);
            return new Injection() {
                @Override
                public List<Target> targets() {
                    return targets;
                }

                @Override
                public long requestedAtNanos() {
                    return 1;
                }

                @Override
                public long injectedAtNanos() {
                    return 2;
                }

                @Override
                public List<Proof> effect() {
                    return List.of();
                }

                @Override
                public boolean acted() {
                    return true;
                }

                @Override
                public boolean oneShot() {
                    return false;
                }

                @Override
                public boolean inForce() {
                    return true;
                }

                @Override
                public void remove() {
                    done.add("removed " + id);
                }

                @Override
                public boolean gone() {
                    return true;
                }
            };
        }
    }

    @Test
    void letsThroughWhatIsAllowed() {
        var engine = guarded(ALL_THERE);
        var kill = spec("01-pod-kill.yaml");
        assertThat(engine.supports(kill)).isInstanceOf(Support.Supported.class);
        assertThat(engine.allows(List.of(new Aim(kill, targets.subList(0, 1), List.of()))))
                .isInstanceOf(Support.Supported.class);
        engine.inject("x-1", kill, targets.subList(0, 1), List.of()).remove();
        assertThat(done).containsExactly("asked PodChaos", "injected x-1", "removed x-1");
    }

    @Test
    void whatThePreflightMissedIsUnsupportedWithWhatToDo() {
        var report = new PreflightReport(
                List.of(PreflightRow.missingFor(
                        spec -> spec.kind().equals("TimeChaos"), "kind TimeChaos", "not on this cluster", "update it")),
                "");
        var engine = guarded(report);
        assertThat(engine.supports(spec("08-time-skew.yaml")))
                .isEqualTo(new Support.Unsupported("preflight: kind TimeChaos: not on this cluster", "update it"));
        assertThat(engine.supports(spec("01-pod-kill.yaml"))).isInstanceOf(Support.Supported.class);
    }

    @Test
    void moreThanTheShareIsNotAllowedAndNotInjectedEither() {
        var engine = guarded(ALL_THERE);
        var kill = spec("01-pod-kill.yaml");
        assertThat(engine.allows(List.of(new Aim(kill, targets, List.of()))))
                .isInstanceOfSatisfying(
                        Support.Unsupported.class,
                        no -> assertThat(no.reason()).contains("3 of 3 pods").contains("(havoq.max-share=50)"));
        assertThatThrownBy(() -> engine.inject("x-1", kill, targets, List.of()))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("raise havoq.max-share");
        assertThat(done).isEmpty();
    }

    @Test
    void whatTheEngineCannotDoTogetherIsNotAllowedAndNotInjectedEither() {
        var no = new Support.Unsupported("one of the two would do nothing", "make them one");
        var engine = guarded(ALL_THERE, new Recording() {
            @Override
            public Support together(List<Aim> aims) {
                return aims.size() > 1 ? no : new Support.Supported();
            }
        });
        var kill = spec("01-pod-kill.yaml");
        var aim = new Aim(kill, targets.subList(0, 1), List.of());

        assertThat(engine.allows(List.of(aim))).isInstanceOf(Support.Supported.class);
        assertThat(engine.allows(List.of(aim, aim))).isEqualTo(no);

        engine.inject("x-1", kill, aim.targets(), List.of());
        assertThatThrownBy(() -> engine.inject("x-2", kill, aim.targets(), List.of()))
                .isInstanceOf(FaultException.class)
                .hasMessage("one of the two would do nothing: make them one");
        assertThat(done).containsExactly("injected x-1");
    }

    @Test
    void faultsOfOneExperimentCountTogetherAndThoseOfTheNextAnew() {
        var engine = guarded(ALL_THERE);
        var kill = spec("01-pod-kill.yaml");
        engine.inject("x-1", kill, targets.subList(0, 2), List.of());
        assertThatThrownBy(() -> engine.inject("x-2", kill, targets.subList(2, 3), List.of()))
                .isInstanceOf(FaultException.class);
        engine.beginExperiment();
        engine.inject("y-1", kill, targets.subList(2, 3), List.of());
        assertThat(done).containsExactly("injected x-1", "injected y-1");
    }

    @Test
    void aManifestThatSelectsInAnotherNamespaceIsNotAllowed() {
        var elsewhere =
                Manifests.readAll(List.of("chaos/01-pod-kill.yaml")).get(0).spec();
        assertThat(guarded(ALL_THERE).allows(List.of(new Aim(elsewhere, targets.subList(0, 1), List.of()))))
                .isInstanceOfSatisfying(Support.Unsupported.class, no -> {
                    assertThat(no.reason())
                            .contains("selects pods in [default]")
                            .contains("namespace mqtt only");
                    assertThat(no.remedy()).contains("set havoq.namespace");
                });
    }

    @Test
    void withoutTheLeaseNothingIsInjected() {
        var engine = guarded(ALL_THERE);
        cluster.client
                .leases()
                .inNamespace(MockCluster.NAMESPACE)
                .withName(NamespaceLease.NAME)
                .delete();
        assertThatThrownBy(() -> engine.inject("x-1", spec("01-pod-kill.yaml"), targets.subList(0, 1), List.of()))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("PodChaos pod-kill is not injected: this run has lost the Lease");
        assertThat(done).isEmpty();
    }

    @Test
    void onceShutNothingIsInjectedAnyMore() {
        var engine = guarded(ALL_THERE);
        engine.shut();
        assertThatThrownBy(() -> engine.inject("x-1", spec("01-pod-kill.yaml"), targets.subList(0, 1), List.of()))
                .hasMessageContaining("the run is ending");
        assertThat(done).isEmpty();
    }

    /** A run that ends, by Ctrl-C for example, while its test is injecting. */
    @Test
    void whatIsBeingInjectedWhenItIsShutIsRemovedAgain() throws Exception {
        var within = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var recording = new Recording();
        var engine = guarded(ALL_THERE, new FaultEngine() {
            @Override
            public Support supports(ChaosSpec spec) {
                return new Support.Supported();
            }

            @Override
            public Injection inject(String id, ChaosSpec spec, List<Target> hit, List<Target> peers) {
                within.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return recording.inject(id, spec, hit, peers);
            }
        });
        var injecting = CompletableFuture.runAsync(
                () -> engine.inject("x-1", spec("01-pod-kill.yaml"), targets.subList(0, 1), List.of()),
                task -> new Thread(task, "test").start());
        within.await();
        var shutting = new Thread(engine::shut, "shutting");
        shutting.start();
        await("it waits for the injection")
                .atMost(Duration.ofSeconds(5))
                .until(() -> shutting.getState() == Thread.State.TIMED_WAITING);
        go.countDown();
        shutting.join();
        assertThatThrownBy(injecting::join).hasMessageContaining("the run is ending");
        assertThat(done).containsExactly("injected x-1", "removed x-1");
    }

    /** Pings take seconds, for each target. */
    @Test
    void whatIsStillBeingLookedAtIsNotWaitedForAndNotInjectedAnyMore() throws Exception {
        var within = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var engine = guarded(ALL_THERE, new Recording() {
            @Override
            public PreparedFault prepare(String id, ChaosSpec spec, List<Target> hit, List<Target> peers) {
                return new PreparedFault() {
                    @Override
                    public void amid(List<Injection> earlier) {
                        within.countDown();
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }

                    @Override
                    public Injection inject(List<Injection> earlier) {
                        return new Recording().inject(id, spec, hit, peers);
                    }
                };
            }
        });
        var prepared = engine.prepare("x-1", spec("01-pod-kill.yaml"), targets.subList(0, 1), List.of());
        var injecting =
                CompletableFuture.runAsync(() -> prepared.inject(List.of()), task -> new Thread(task, "test").start());
        within.await();

        engine.shut();
        assertThat(go.getCount()).isEqualTo(1);
        go.countDown();

        assertThatThrownBy(injecting::join).hasMessageContaining("the run is ending");
        assertThat(done).isEmpty();
    }

    @Test
    void whateverKeepsTheObjectFromBeingKeptDoesNotKeepTheFault() {
        artifacts.begin("no\0path");
        var injection = guarded(ALL_THERE).inject("x-1", spec("01-pod-kill.yaml"), targets.subList(0, 1), List.of());
        assertThatThrownBy(injection::remove).isInstanceOf(InvalidPathException.class);
        assertThat(done).containsExactly("injected x-1", "removed x-1");
    }

    /** What an interface adds with an answer of its own is not to be lost on the way. */
    @Test
    void everythingThatAnInjectionTellsComesThrough() {
        var kept = guarded(ALL_THERE)
                .inject("x-1", spec("01-pod-kill.yaml"), targets.subList(0, 1), List.of())
                .getClass();
        assertThat(Injection.class.getDeclaredMethods())
                .extracting(Method::getName)
                .allSatisfy(name -> assertThat(kept.getDeclaredMethods())
                        .extracting(Method::getName)
                        .contains(name));
    }

    @Test
    void theChaosObjectIsKeptAsItWasBeforeItsRemoval() {
        cluster.answer(
                "GET /apis/chaos-mesh.org/v1alpha1/namespaces/mqtt/podchaos?labelSelector=havoq.io%2Frun%3Drun",
                200,
                "{\"kind\":\"PodChaosList\",\"apiVersion\":\"chaos-mesh.org/v1alpha1\",\"items\":[{\"kind\":\"PodChaos\","
                        + "\"apiVersion\":\"chaos-mesh.org/v1alpha1\",\"metadata\":{\"name\":\"kill-1\"},"
                        + "\"status\":{\"experiment\":{\"desiredPhase\":\"Run\"}}}]}");
        artifacts.begin("PodKillIT.test");
        guarded(ALL_THERE)
                .inject("x-1", spec("01-pod-kill.yaml"), targets.subList(0, 1), List.of())
                .remove();
        assertThat(output.resolve("kubernetes/PodKillIT.test/chaos-podchaos.yaml"))
                .content()
                .contains("name: \"kill-1\"")
                .contains("desiredPhase: \"Run\"");
        assertThat(done).containsExactly("injected x-1", "removed x-1");
    }
}
