package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.environment.Role;
import io.havoq.time.RunClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which node leads, as the pods' own pages tell it. */
class BrokerRolesTest {
    private static final String LEADER =
            "{\"node\":\"emqx-go-0\",\"ready\":true,\"role\":\"leader\",\"leader\":\"emqx-go-0\"}";
    private static final String FOLLOWER =
            "{\"node\":\"emqx-go-1\",\"ready\":true,\"role\":\"follower\",\"leader\":\"emqx-go-0\"}";
    private static final String STARTING =
            "{\"node\":\"emqx-go-2\",\"ready\":false,\"role\":\"starting\",\"leader\":null}";

    private final MockCluster cluster = new MockCluster();
    private final Map<String, String> settings = new HashMap<>();
    private final List<HttpPages> pods = new ArrayList<>();

    @BeforeEach
    void threePodsWithAnAddressEach() throws IOException {
        var port = 0;
        for (var i = 0; i < 3; i++) {
            var pages = new HttpPages("127.0.1." + (i + 1), port);
            pods.add(pages);
            port = pages.port();
            cluster.add(MockCluster.pod("emqx-go-" + i, "node-a", "127.0.1." + (i + 1), true)
                    .build());
        }
        settings.put("havoq.kubernetes.port.metrics", Integer.toString(port));
    }

    @AfterEach
    void close() {
        pods.forEach(HttpPages::close);
        cluster.close();
    }

    private Map<String, Role> roles(boolean direct) {
        var given = MockCluster.settings(settings);
        var brokers = new BrokerPods(cluster.client, MockCluster.NAMESPACE, given, !direct);
        var unused = brokers.enlist();
        return new BrokerRoles(brokers, new PodPages(cluster.client, direct), given).now();
    }

    private void say(String path, String... texts) {
        for (var i = 0; i < texts.length; i++) {
            pods.get(i).say(path, texts[i].equals(STARTING) ? 503 : 200, texts[i]);
        }
    }

    @Test
    void theReferenceBrokersHealthTellsThemWithoutASetting() {
        say("/health", LEADER, FOLLOWER, STARTING);
        assertThat(roles(true))
                .containsExactly(
                        Map.entry("emqx-go-0", Role.LEADER),
                        Map.entry("emqx-go-1", Role.FOLLOWER),
                        Map.entry("emqx-go-2", Role.UNKNOWN));
    }

    /** The page is asked for each time: the leader of a moment ago may be none. */
    @Test
    void aRoleThatChangesIsTheOneOfNow() {
        say("/health", LEADER, FOLLOWER, FOLLOWER);
        assertThat(roles(true)).containsEntry("emqx-go-0", Role.LEADER);
        say("/health", FOLLOWER, LEADER, FOLLOWER);
        assertThat(roles(true)).containsEntry("emqx-go-0", Role.FOLLOWER).containsEntry("emqx-go-1", Role.LEADER);
    }

    @Test
    void anotherBrokersPageTellsThemBySettings() {
        settings.put("havoq.kubernetes.role.port", settings.remove("havoq.kubernetes.port.metrics"));
        settings.put("havoq.kubernetes.role.path", "varz?raft=1");
        settings.put("havoq.kubernetes.role.leader", "(?m)^raft_is_leader 1$");
        settings.put("havoq.kubernetes.role.follower", "(?m)^raft_is_leader 0$");
        say("/varz?raft=1", "up 1\nraft_is_leader 0\n", "up 1\nraft_is_leader 1\n", "up 1\n");
        assertThat(roles(true))
                .containsExactly(
                        Map.entry("emqx-go-0", Role.FOLLOWER),
                        Map.entry("emqx-go-1", Role.LEADER),
                        Map.entry("emqx-go-2", Role.UNKNOWN));
    }

    @Test
    void fromOutsideTheApiServerIsAsked() {
        say("/health", FOLLOWER, LEADER, FOLLOWER);
        var port = settings.get("havoq.kubernetes.port.metrics");
        var proxied = "GET /api/v1/namespaces/mqtt/pods/emqx-go-%d:" + port + "/proxy/health";
        cluster.answer(proxied.formatted(0), 200, LEADER);
        cluster.answer(proxied.formatted(1), 503, STARTING);
        cluster.refuse(proxied.formatted(2), 403, "pods emqx-go-2 is forbidden");
        assertThat(roles(false))
                .containsExactly(
                        Map.entry("emqx-go-0", Role.LEADER),
                        Map.entry("emqx-go-1", Role.UNKNOWN),
                        Map.entry("emqx-go-2", Role.UNKNOWN));
    }

    @Test
    void whoSaysNothingOrBothIsUnknown() {
        say("/health", LEADER + FOLLOWER, "<html>200 OK</html>");
        pods.get(2).close();
        assertThat(roles(true).values()).containsOnly(Role.UNKNOWN).hasSize(3);
    }

    /** A page may be endless. */
    @Test
    void ofAPageFromTheApiServerNoMoreIsReadThanFromAPod() {
        var port = settings.get("havoq.kubernetes.port.metrics");
        var proxied = "GET /api/v1/namespaces/mqtt/pods/emqx-go-%d:" + port + "/proxy/health";
        cluster.answer(proxied.formatted(0), 200, LEADER + " ".repeat(9 << 20));
        cluster.answer(proxied.formatted(1), 200, " ".repeat(9 << 20) + LEADER);
        cluster.answer(proxied.formatted(2), 200, FOLLOWER);
        assertThat(roles(false))
                .containsExactly(
                        Map.entry("emqx-go-0", Role.LEADER),
                        Map.entry("emqx-go-1", Role.UNKNOWN),
                        Map.entry("emqx-go-2", Role.FOLLOWER));
    }

    /** They accept the connection and say nothing: one after the other they would take two seconds each. */
    @Test
    void silentPodsAreWaitedForTogether() throws IOException {
        say("/health", LEADER);
        var silent = new ArrayList<ServerSocket>();
        try {
            for (var i = 1; i < 3; i++) {
                pods.get(i).close();
                silent.add(new ServerSocket(pods.get(i).port(), 50, InetAddress.getByName("127.0.1." + (i + 1))));
            }
            for (var i = 3; i < 6; i++) {
                silent.add(new ServerSocket(pods.get(0).port(), 50, InetAddress.getByName("127.0.1." + (i + 1))));
                cluster.add(MockCluster.pod("emqx-go-" + i, "node-a", "127.0.1." + (i + 1), true)
                        .build());
            }
            var from = RunClock.now();
            var roles = roles(true);
            assertThat(RunClock.between(from, RunClock.now())).isLessThan(Duration.ofSeconds(7));
            assertThat(roles).hasSize(6).containsEntry("emqx-go-0", Role.LEADER);
            assertThat(roles.values()).containsOnlyOnce(Role.LEADER);
        } finally {
            for (var socket : silent) {
                socket.close();
            }
        }
    }

    /** Of a pod that declares no such port nobody knows what listens there. */
    @Test
    void aPortThatIsNotDeclaredIsNotAsked() {
        say("/health", LEADER, FOLLOWER, FOLLOWER);
        settings.remove("havoq.kubernetes.port.metrics");
        assertThat(roles(true).values()).containsOnly(Role.UNKNOWN).hasSize(3);
    }

    @Test
    void aPodThatIsGoneIsUnknown() {
        say("/health", LEADER, FOLLOWER, FOLLOWER);
        var given = MockCluster.settings(settings);
        var brokers = new BrokerPods(cluster.client, MockCluster.NAMESPACE, given, false);
        var unused = brokers.enlist();
        var roles = new BrokerRoles(brokers, new PodPages(cluster.client, true), given);
        cluster.client
                .pods()
                .inNamespace(MockCluster.NAMESPACE)
                .withName("emqx-go-0")
                .delete();
        assertThat(roles.now()).containsEntry("emqx-go-0", Role.UNKNOWN).containsEntry("emqx-go-1", Role.FOLLOWER);
    }

    @Test
    void whatIsNoExpressionIsToldWithItsSetting() {
        settings.put("havoq.kubernetes.role.leader", "(leader");
        assertThatThrownBy(() -> roles(true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("havoq.kubernetes.role.leader")
                .hasMessageContaining("'(leader' is no regular expression");
    }
}
