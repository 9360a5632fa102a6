package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.havoq.environment.Target;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import io.havoq.manifest.Bandwidth;
import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.DnsChaos;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Netem;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.StressChaos;
import io.havoq.manifest.TimeChaos;
import io.havoq.time.RunClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each probe takes for the fault, for none, and for nothing that can be seen. */
class ProbesTest {
    private ScriptedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        cluster.pod("emqx-go-1", Recorded.pod("emqx-go-1", "u2", 0));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static PodView pod(String json) {
        try {
            return PodView.of(new ObjectMapper().readTree(json));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static PodView pod() {
        return pod(Recorded.pod("emqx-go-0", "u1", 0));
    }

    private EffectProbe probe(ChaosSpec spec, Shell shell, Target... peers) {
        var api = new ClusterApi(cluster.client(), Setup.FAST);
        var probe = new ProbeChoice(api, new Pods(api), shell).choose(spec, pod(), List.of(peers));
        probe.before(pod());
        return probe;
    }

    private EffectProbe network(Netem netem, Shell shell) {
        return probe(NetworkChaos.netem("net", ONE, NetworkChaos.Direction.TO, Optional.of(ONE), netem), shell, POD_1);
    }

    private static Sight during(EffectProbe probe) {
        return probe.during(Optional.of(pod()));
    }

    private static void seen(Sight sight, String text) {
        assertThat(sight).isInstanceOf(Sight.Seen.class);
        assertThat(sight.text()).contains(text);
    }

    private static void notYet(Sight sight) {
        assertThat(sight).isInstanceOf(Sight.NotYet.class);
    }

    private static void blind(Sight sight, String why) {
        assertThat(sight).isInstanceOf(Sight.Blind.class);
        assertThat(sight.text()).contains(why);
    }

    @Test
    void aDelayShowsInTheMedianRoundTrip() {
        var delay = Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(250)));
        var probe = network(
                delay,
                ScriptedShell.writing(
                        ScriptedShell.ping(5, 5, "0.2"),
                        ScriptedShell.ping(5, 5, "40.0"),
                        ScriptedShell.ping(5, 5, "250.3"),
                        ScriptedShell.ping(5, 5, "251.0"),
                        ScriptedShell.ping(5, 5, "0.3")));

        notYet(during(probe));
        seen(during(probe), "median 250.3 ms; before 5 of 5 pings answered, median 0.2 ms");
        notYet(probe.after(Optional.of(pod())));
        seen(probe.after(Optional.of(pod())), "median 0.3 ms");
    }

    @Test
    void aDelayShowsInConnectionsWhereThereIsNoPing() {
        var text = "sh: ping: not found\n";
        var probe = network(
                Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(250))),
                ScriptedShell.writing(
                        text + "havoq tcp 10.00 10.00 ok\nhavoq tcp 10.00 10.01 ok\nhavoq tcp 10.01 10.01 ok\n",
                        text + "havoq tcp 12.00 12.26 ok\nhavoq tcp 12.26 12.51 ok\nhavoq tcp 12.51 12.77 ok\n"));

        seen(during(probe), "3 of 3 connections answered");
    }

    @Test
    void aDelayTooSmallToTellIsNotSeen() {
        blind(
                during(network(
                        Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(1))),
                        ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.2")))),
                "too small");
    }

    @Test
    void lossShowsInTheShareThatIsLost() {
        var probe = network(
                Netem.NONE.with(new Netem.Loss(20, 25)),
                ScriptedShell.writing(
                        ScriptedShell.ping(5, 5, "0.2"),
                        ScriptedShell.ping(20, 20, "0.2"),
                        ScriptedShell.ping(20, 14, "0.2")));

        notYet(during(probe));
        seen(during(probe), "34 of 40");
    }

    /** One of five that is lost without the fault would hide a loss of 20 %. */
    @Test
    void aShareIsComparedWithThatOfAsManyRoundTripsBefore() {
        var shell = ScriptedShell.writing(ScriptedShell.ping(20, 20, "0.2"), ScriptedShell.ping(20, 16, "0.2"));

        seen(during(network(Netem.NONE.with(new Netem.Loss(20, 25)), shell)), "16 of 20");

        assertThat(shell.scripts()).hasSize(2).allMatch(script -> script.contains("ping -c 20 "));
    }

    @Test
    void onANetworkThatLosesSomeTheLossMustBeMoreThanChanceMakesOfIt() {
        var shell = ScriptedShell.writing(
                ScriptedShell.ping(20, 19, "0.2"),
                ScriptedShell.ping(40, 38, "0.2"),
                ScriptedShell.ping(20, 16, "0.2"));
        var probe = network(Netem.NONE.with(new Netem.Loss(20, 25)), shell);

        notYet(during(probe));
        for (var i = 0; i < 4; i++) {
            during(probe);
        }
        seen(during(probe), "in all 96 of 120 pings answered");
        assertThat(shell.scripts().get(1)).contains("ping -c 40 ");
    }

    @Test
    void everythingThatTheFaultDoesMustShow() {
        var both = Netem.NONE.with(Netem.Delay.of(Duration.ofMillis(100))).with(new Netem.Loss(20, 0));

        notYet(during(network(
                both, ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.2"), ScriptedShell.ping(20, 20, "100.2")))));
    }

    @Test
    void duplicatesShowInWhatPingCounts() {
        var twice = ScriptedShell.ping(20, 20, "0.2").replace("received,", "received, 7 duplicates,");

        seen(
                during(network(
                        Netem.NONE.with(new Netem.Duplicate(30, 0)),
                        ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.2"), twice))),
                "7 twice");
    }

    @Test
    void aSlowLinkShowsInLargeRoundTrips() {
        var slow = NetworkChaos.bandwidth(
                "slow", ONE, NetworkChaos.Direction.TO, Optional.empty(), Bandwidth.of(128_000, 20_971_520, 10_000));
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0));
        var shell = ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.9"), ScriptedShell.ping(5, 5, "390.0"));

        seen(during(probe(slow, shell)), "to emqx-go-1");
        assertThat(shell.scripts()).allMatch(script -> script.contains("-s 60000"));
    }

    @Test
    void aPartitionIsSeenOnlyIfNothingComesBackThatDidBefore() {
        var cut = NetworkChaos.partition("cut", ONE, NetworkChaos.Direction.BOTH, ONE);

        notYet(during(probe(
                cut, ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.2"), ScriptedShell.ping(5, 1, "0.2")), POD_1)));
        seen(
                during(probe(
                        cut,
                        ScriptedShell.writing(ScriptedShell.ping(5, 5, "0.2"), ScriptedShell.ping(5, 0, "0")),
                        POD_1)),
                "0 of 5");
        blind(
                during(probe(cut, ScriptedShell.writing(ScriptedShell.ping(5, 0, "0")), POD_1)),
                "fail before the injection too");
    }

    @Test
    void outputOfIputilsIsReadToo() {
        var text = """
                PING 10.1.0.2 (10.1.0.2) 56(84) bytes of data.
                64 bytes from 10.1.0.2: icmp_seq=1 ttl=64 time=0.045 ms
                64 bytes from 10.1.0.2: icmp_seq=1 ttl=64 time=0.050 ms (DUP!)
                64 bytes from 10.1.0.2: icmp_seq=2 ttl=64 time=0.061 ms

                --- 10.1.0.2 ping statistics ---
                3 packets transmitted, 2 received, +1 duplicates, 33.3333% packet loss, time 402ms
                rtt min/avg/max/mdev = 0.045/0.053/0.061/0.006 ms
                """;

        assertThat(RoundTrips.ping(text)).hasValueSatisfying(trips -> {
            assertThat(trips.sent()).isEqualTo(3);
            assertThat(trips.received()).isEqualTo(2);
            assertThat(trips.duplicates()).isOne();
            assertThat(trips.medianMillis()).hasValue(0.050);
        });
    }

    @Test
    void aShiftedClockShowsInTheDateThatThePodTells() {
        var time = new TimeChaos(
                "clock", ONE, List.of(), Duration.ofMinutes(5), TimeChaos.DEFAULT_CLOCKS, Optional.empty());
        var probe = probe(
                time,
                ScriptedShell.writing(
                        "havoq page 0 \n",
                        date(Duration.ZERO),
                        date(Duration.ofSeconds(1)),
                        date(Duration.ofMinutes(5)),
                        date(Duration.ofMinutes(5)),
                        date(Duration.ZERO)));

        notYet(during(probe));
        seen(during(probe), "port 8082 tells a time that is");
        notYet(probe.after(Optional.of(pod())));
        seen(probe.after(Optional.of(pod())), "port 8082");
    }

    /** As curl and wget show it; a pod's own port is not there in the script, so that the API server answers for it. */
    private static String date(Duration ahead) {
        return "HTTP/1.1 404 Not Found\r\nDate: "
                + DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        Instant.now().plus(ahead).atOffset(ZoneOffset.UTC))
                + "\r\nServer: broker\r\n";
    }

    /** Every answer of the scripted server has a Date of its own. */
    @Test
    void theApiServersOwnDateIsNotTakenForThePods() {
        var time = new TimeChaos(
                "clock", ONE, List.of(), Duration.ofMinutes(5), TimeChaos.DEFAULT_CLOCKS, Optional.empty());
        cluster.next(
                asked -> asked.path().contains("/proxy/"), Reply.status(403, "Forbidden", "pods/proxy is forbidden"));

        blind(during(probe(time, ScriptedShell.none())), "no port of default/emqx-go-0 answers HTTP with a Date");
    }

    /** Seen with the JDK's server: its answer to an unknown path has no Date, and Kubernetes' API server adds its own. */
    @Test
    void theDateOfAPageThatIsNotThereIsNotTakenForThePods() {
        var time = new TimeChaos(
                "clock", ONE, List.of(), Duration.ofMinutes(5), TimeChaos.DEFAULT_CLOCKS, Optional.empty());
        var notFound = new Reply(404, "<h1>404 Not Found</h1>", Map.of());
        cluster.next(asked -> asked.path().endsWith("/proxy/metrics"), notFound, notFound, notFound)
                .next(asked -> asked.path().endsWith("/proxy/"), notFound, notFound, notFound)
                .next(asked -> asked.path().endsWith("/proxy/health"), ok(), ok(), ok());

        notYet(during(probe(time, ScriptedShell.none())));

        assertThat(cluster.asked())
                .filteredOn(asked -> asked.path().contains("/proxy/"))
                .last()
                .extracting(ScriptedCluster.Asked::path)
                .asString()
                .endsWith("/proxy/health");
    }

    private static final TimeChaos FIVE_MINUTES =
            new TimeChaos("clock", ONE, List.of(), Duration.ofMinutes(5), TimeChaos.DEFAULT_CLOCKS, Optional.empty());

    /** Six ports and three pages of each that nobody answers at: one after the other they would take six seconds and more. */
    @Test
    void portsThatAreSilentAreNotWaitedForOneAfterTheOther() {
        var silence = new Reply[18];
        Arrays.fill(silence, Reply.silence());
        cluster.next(asked -> asked.path().contains("/proxy/"), silence);
        var ports = Recorded.pod("emqx-go-0", "u1", 0)
                .replace(
                        "{\"name\":\"metrics\",\"containerPort\":8082}",
                        IntStream.range(0, 6)
                                .mapToObj(i -> "{\"name\":\"http-" + i + "\",\"containerPort\":" + (8000 + i) + "}")
                                .collect(Collectors.joining(",")));
        var pace = Setup.FAST;
        var brief = new Pace(
                pace.poll(), Duration.ofSeconds(2), pace.retries(), pace.exec(), pace.finalizer(), pace.silence());
        var api = new ClusterApi(cluster.client(), brief);
        var shell = ScriptedShell.none();
        var probe = new ProbeChoice(api, new Pods(api), shell).choose(FIVE_MINUTES, pod(ports), List.of());

        var from = RunClock.now();
        probe.before(pod(ports));

        assertThat(RunClock.between(from, RunClock.now())).isLessThan(Duration.ofSeconds(5 * 2));
        assertThat(shell.scripts()).as("one command for all of them").hasSize(1);
        blind(during(probe), "no port of default/emqx-go-0 answers HTTP with a Date, of [8000");
        assertThat(cluster.asked())
                .filteredOn(asked -> asked.path().contains("/proxy/"))
                .hasSize(18);
    }

    /** A pod that stalls for five seconds and tells the time of their beginning is not five seconds behind. */
    @Test
    void anAnswerThatTakesLongTellsNoTime() {
        var behind = new TimeChaos(
                "clock", ONE, List.of(), Duration.ofSeconds(-5), TimeChaos.DEFAULT_CLOCKS, Optional.empty());
        var now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
        var stall = new AtomicReference<>(Duration.ZERO);
        Shell shell = (pod, container, script) -> {
            var date = "Date: "
                    + DateTimeFormatter.RFC_1123_DATE_TIME.format(now.get().atOffset(ZoneOffset.UTC));
            now.updateAndGet(before -> before.plus(stall.get()));
            return new Shell.Output(true, script.contains("havoq page") ? "havoq page 0 \n" : date);
        };
        var probe = new ClockProbe(behind, new ClusterApi(cluster.client(), Setup.FAST), shell, "broker", now::get);
        probe.before(pod());
        notYet(during(probe));

        stall.set(Duration.ofSeconds(5));

        assertThat(during(probe)).isInstanceOf(Sight.NotLooked.class);
        assertThat(during(probe).text()).contains("took longer than 2s");
    }

    /** The scripted server gives every answer a Date of its own. */
    private static Reply ok() {
        return new Reply(200, "ok", Map.of());
    }

    @Test
    void processorStressShowsInTheControlGroup() {
        var probe = probe(
                StressChaos.cpu("cpu", ONE, 1, 80),
                ScriptedShell.writing(
                        group(10.0, 5_000_000, 100, 12.0, 5_400_000, 100),
                        group(20.0, 8_000_000, 100, 22.0, 8_500_000, 100),
                        group(30.0, 9_000_000, 100, 32.0, 10_600_000, 100),
                        group(40.0, 11_000_000, 100, 42.0, 11_500_000, 100)));

        notYet(during(probe));
        seen(during(probe), "0.80 processors used, before 0.20");
        seen(probe.after(Optional.of(pod())), "0.25 processors");
    }

    @Test
    void memoryStressBelowTheLimitShowsInTheControlGroup() {
        var probe = probe(
                StressChaos.memory("memory", ONE, MemorySize.parse("256MiB"), 0),
                ScriptedShell.writing(
                        group(10.0, 0, 100, 12.0, 0, 100),
                        group(20.0, 0, 100, 22.0, 0, 180),
                        group(30.0, 0, 100, 32.0, 0, 350)));

        notYet(during(probe));
        seen(during(probe), "350 MiB used, before 100");
    }

    @Test
    void anEarlierEndForWantOfMemoryIsNotTheStress() {
        var stress = StressChaos.memory("memory", ONE, MemorySize.parse("2GiB"), -1000);
        var api = new ClusterApi(cluster.client(), Setup.FAST);
        var probe = new ProbeChoice(api, new Pods(api), ScriptedShell.none()).choose(stress, pod(), List.of());
        var once = pod(Recorded.ended("emqx-go-0", "u1", 3, 137, "OOMKilled"));
        probe.before(once);

        blind(probe.during(Optional.of(once)), "sh");
        seen(probe.during(Optional.of(pod(Recorded.ended("emqx-go-0", "u1", 4, 137, "OOMKilled")))), "OOMKilled");
    }

    private static String group(double at, long cpu, long memory, double then, long cpuThen, long memoryThen) {
        return "havoq1 at " + at + "\nhavoq1 usage_usec " + cpu + "\nhavoq1 memory " + memory * 1024 * 1024
                + "\nhavoq1 oom_kill 0\nhavoq2 at " + then + "\nhavoq2 usage_usec " + cpuThen + "\nhavoq2 memory "
                + memoryThen * 1024 * 1024 + "\nhavoq2 oom_kill 0\n";
    }

    @Test
    void aFileFaultShowsInItsErrorAndALatencyInItsTime() {
        var good = "havoq io 20 0 10.00 10.04\nerror: \n";
        var failing = "havoq io 20 11 20.00 20.04\nerror: head: /data/log: I/O error\n";
        var slow = "havoq io 20 0 30.00 31.20\nerror: \n";

        var fault = probe(
                IoChaos.fault("io", ONE, "/data", List.of(), 5), ScriptedShell.writing(good, good, failing, good));
        notYet(during(fault));
        seen(during(fault), "11 of 20 failed, 2.0 ms each (head: /data/log: I/O error)");
        seen(fault.after(Optional.of(pod())), "0 of 20 failed");

        var latency = new IoChaos(
                "io",
                new IoChaos.Effect.Latency(Duration.ofMillis(100)),
                ONE,
                List.of(),
                "/data",
                Optional.empty(),
                List.of("read", "write"),
                50,
                Optional.empty());
        var late = probe(latency, ScriptedShell.writing(good, good, slow));
        notYet(during(late));
        seen(during(late), "60.0 ms each; before 0 of 20 failed, 2.0 ms each");
    }

    @Test
    void aVolumeThatFailsAnywayProvesNothing() {
        blind(
                during(probe(
                        IoChaos.fault("io", ONE, "/data", List.of("write"), 5),
                        ScriptedShell.writing("havoq io 20 20 1.00 1.10\nerror: Read-only file system\n"))),
                "fail before the injection too");
    }

    @Test
    void aNameThatIsNoLongerAnsweredShowsADnsError() {
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0));
        var dns = new DnsChaos("dns", DnsChaos.Action.ERROR, ONE, List.of(), List.of("emqx-go-*"), Optional.empty());
        var shell = ScriptedShell.writing(
                "10.1.0.7 STREAM emqx-go-1\nhavoq dns 0\n",
                "10.1.0.7 STREAM emqx-go-1\nhavoq dns 0\n",
                "havoq dns 2\n",
                "10.1.0.8 STREAM emqx-go-1\nhavoq dns 0\n");
        var probe = probe(dns, shell);

        notYet(during(probe));
        seen(during(probe), "emqx-go-1.emqx-go-headless.default.svc.cluster.local is not answered, before [10.1.0.7]");
        seen(probe.after(Optional.of(pod())), "[10.1.0.8]");
    }

    @Test
    void aWrongAddressShowsARandomAnswer() {
        var dns = new DnsChaos(
                "dns", DnsChaos.Action.RANDOM, ONE, List.of(), List.of("broker.example"), Optional.empty());
        var probe = probe(
                dns,
                ScriptedShell.writing(
                        "10.1.0.7 STREAM broker.example\nhavoq dns 0\n",
                        "havoq dns 2\n",
                        "93.1.7.7 STREAM broker.example\nhavoq dns 0\n",
                        "havoq dns 2\n",
                        "93.1.7.8 STREAM broker.example\nhavoq dns 0\n",
                        "10.1.0.7 STREAM broker.example\nhavoq dns 0\n"));

        notYet(during(probe));
        seen(during(probe), "[93.1.7.7], before [10.1.0.7]");
        // A name that was answered before the fault and is not answered now has something of it left, or something
        // else.
        notYet(probe.after(Optional.of(pod())));
        notYet(probe.after(Optional.of(pod())));
        seen(probe.after(Optional.of(pod())), "[10.1.0.7], before [10.1.0.7]");
    }

    /** The name of a broker that is not ready is not answered either. */
    @Test
    void aNameThatTheUsualServerDoesNotAnswerShowsNoDnsFault() {
        for (var action : DnsChaos.Action.values()) {
            var dns = new DnsChaos("dns", action, ONE, List.of(), List.of("broker.example"), Optional.empty());
            var changed =
                    action == DnsChaos.Action.ERROR ? "havoq dns 2\n" : "10.1.0.8 STREAM broker.example\nhavoq dns 0\n";
            var probe = probe(
                    dns,
                    ScriptedShell.writing(
                            "havoq nameserver 10.0.0.10\n10.1.0.7 STREAM broker.example\nhavoq dns 0\n",
                            "havoq nameserver 10.0.0.10\n" + changed,
                            "havoq nameserver 10.0.0.99\n" + changed));

            notYet(during(probe));
            seen(during(probe), "its resolv.conf names [10.0.0.99], before [10.0.0.10]");
        }
    }

    @Test
    void aNameThatIsNotAnsweredWithoutTheFaultTellsNothing() {
        for (var action : DnsChaos.Action.values()) {
            var dns = new DnsChaos("dns", action, ONE, List.of(), List.of("broker.example"), Optional.empty());
            var probe = probe(dns, ScriptedShell.writing("havoq dns 2\n"));

            blind(during(probe), "none of [broker.example] can be looked up");
            blind(probe.after(Optional.of(pod())), "none of [broker.example] can be looked up");
        }
    }

    @Test
    void aContainersEarlierEndIsNotTheKill() {
        var kill = new ContainerKillProbe(List.of("broker"));
        var before = pod(Recorded.ended("emqx-go-0", "u1", 2, 1, "Error"));
        kill.before(before);

        notYet(kill.during(Optional.of(before)));
        seen(
                kill.during(Optional.of(pod(Recorded.ended("emqx-go-0", "u1", 3, 137, "Error")))),
                "exit code 137 (Error), 3 restarts, before 2");
    }

    @Test
    void aPodFailureNeedsTheImageAndTheEndOfTheContainers() {
        var failure = probe(PodChaos.podFailure("failure", ONE, Duration.ofMinutes(1)), ScriptedShell.none());

        notYet(during(failure));
        notYet(failure.during(Optional.of(pod(Recorded.pod(
                "emqx-go-0", "u1", "Running", "pause:3", Recorded.container("broker", 0, "{\"running\":{}}", "{}"))))));
        seen(
                failure.during(Optional.of(pod(Recorded.pod(
                        "emqx-go-0",
                        "u1",
                        "Running",
                        "pause:3",
                        Recorded.container("broker", 1, "{\"running\":{}}", "{}"))))),
                "run pause:3 instead");
        notYet(failure.after(Optional.of(pod(Recorded.pod("emqx-go-0", "u1", "Running", "pause:3")))));
        seen(failure.after(Optional.of(pod(Recorded.pod("emqx-go-0", "u1", 2)))), "images are back");
    }

    @Test
    void withoutAShellNothingIsSeen() {
        blind(
                during(network(Netem.NONE.with(new Netem.Loss(20, 0)), ScriptedShell.none())),
                "executable file not found");
        blind(during(probe(StressChaos.cpu("cpu", ONE, 1, 80), ScriptedShell.none())), "executable file not found");
        blind(
                during(probe(IoChaos.fault("io", ONE, "/data", List.of(), 5), ScriptedShell.none())),
                "executable file not found");
    }
}
