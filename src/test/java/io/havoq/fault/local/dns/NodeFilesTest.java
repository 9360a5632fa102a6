package io.havoq.fault.local.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.havoq.fault.local.NetworkNamespace;
import io.havoq.fault.local.dns.DnsFault.Action;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs, in a real network namespace, with a node's own files. */
@Timeout(60)
class NodeFilesTest {
    private static final String HEADLESS = "emqx-go-headless.default.svc.cluster.local";
    private static final String SELF = "emqx-go-0." + HEADLESS;
    private static final String PEER = "emqx-go-1." + HEADLESS;

    @TempDir
    private Path directory;

    private NodeFiles files;

    @BeforeEach
    void write() throws IOException {
        files = NodeFiles.write(directory, "emqx-go-0", SELF, address(1));
    }

    private static Inet4Address address(int last) throws IOException {
        return (Inet4Address) InetAddress.getByName("10.71.0." + last);
    }

    private static NodeSockets sockets(NetworkNamespace network) {
        return new NodeSockets() {
            @Override
            public DatagramChannel datagram() throws IOException {
                return network.open(DatagramChannel::open);
            }

            @Override
            public ServerSocketChannel server() throws IOException {
                return network.open(ServerSocketChannel::open);
            }
        };
    }

    private List<String> inNode(String... program) {
        return inNode(List.of(program));
    }

    private List<String> inNode(List<String> program) {
        var words = new ArrayList<>(files.wrapper());
        words.addAll(program);
        return words;
    }

    /** Status and output of a program that ends by itself. */
    private static String run(List<String> words) throws Exception {
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + ":" + output.strip().replaceAll("\\s+", " ");
    }

    @Test
    void aProgramSeesItsOwnFilesAndNameAndTheMachineKeepsIts() throws Exception {
        assumeTrue(run(List.of("unshare", "--mount", "--uts", "true")).equals("0:"), "needs root or a user namespace");
        var resolver = Files.readString(Path.of("/etc/resolv.conf"));
        var host = run(List.of("uname", "-n"));
        assertThat(run(inNode("sh", "-c", "cat /etc/hosts /etc/resolv.conf; uname -n")))
                .isEqualTo("0:127.0.0.1 localhost 10.71.0.1 " + SELF + " emqx-go-0 nameserver 127.0.0.53"
                        + " search default.svc.cluster.local svc.cluster.local cluster.local"
                        + " options ndots:5 timeout:1 attempts:2 emqx-go-0");
        assertThat(Files.readString(Path.of("/etc/resolv.conf"))).isEqualTo(resolver);
        assertThat(run(List.of("uname", "-n"))).isEqualTo(host);
    }

    @Test
    void worksForTheMappedRootOfAUserNamespace() throws Exception {
        var mapped = List.of("unshare", "--user", "--map-root-user", "--mount", "--net");
        var possible = new ArrayList<>(mapped);
        possible.add("true");
        assumeTrue(run(possible).equals("0:"), "user namespaces are not to be had here");
        var words = new ArrayList<>(mapped);
        words.addAll(inNode("sh", "-c", "uname -n; grep -c 127.0.0.53 /etc/resolv.conf"));
        assertThat(run(words)).isEqualTo("0:emqx-go-0 1");
    }

    @Test
    void theProgramReplacesTheWrapperAndKeepsItsProcessId() throws Exception {
        assumeTrue(run(List.of("unshare", "--mount", "--uts", "true")).equals("0:"), "needs root or a user namespace");
        var process = new ProcessBuilder(inNode("sh", "-c", "echo $$; exit 7")).start();
        var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(printed).isEqualTo(String.valueOf(process.pid()));
        assertThat(process.waitFor()).isEqualTo(7);
    }

    @Test
    void aNodesProgramsAndJvmsResolveFailAndResolveAgain() throws Exception {
        var zone = Zone.statefulSet(
                "default", "emqx-go-headless", List.of(), Map.of("emqx-go-0", address(1), "emqx-go-1", address(2)));
        try (var network = NetworkNamespace.open("dns");
                var server = new DnsServer("node", zone, 1)) {
            server.add("emqx-go-0", sockets(network), DnsServer.ADDRESS);
            try (var fresh = jvm(network, "0");
                    var caching = jvm(network, null)) {
                assertThat(network.call(() -> run(inNode("getent", "hosts", PEER))))
                        .isEqualTo("0:10.71.0.2 " + PEER);
                // by the search list
                assertThat(fresh.lookUp("emqx-go-1.emqx-go-headless")).isEqualTo("10.71.0.2");
                assertThat(caching.lookUp(PEER)).isEqualTo("10.71.0.2");
                assertThat(fresh.lookUp("emqx-go-7." + HEADLESS)).endsWith("Name or service not known");
                assertThat(network.call(() -> run(inNode("getent", "hosts", "emqx-go-7." + HEADLESS))))
                        .isEqualTo("2:");

                server.impose("dns-failure", "emqx-go-0", new DnsFault(Action.ERROR, name -> name.startsWith("emqx")));
                assertThat(network.call(() -> run(inNode("getent", "hosts", PEER))))
                        .isEqualTo("2:");
                assertThat(fresh.lookUp(PEER)).endsWith("Temporary failure in name resolution");
                // A JVM's cache hides the fault, and the hosts file its own name.
                assertThat(caching.lookUp(PEER)).isEqualTo("10.71.0.2");
                assertThat(fresh.lookUp(SELF)).isEqualTo("10.71.0.1");
                assertThat(caching.lookUp("emqx-go-1.emqx-go-headless")).endsWith("failure in name resolution");
                assertThat(server.counters("dns-failure", "emqx-go-0").answeredWithFault())
                        .isPositive();

                server.lift("dns-failure");
                assertThat(network.call(() -> run(inNode("getent", "hosts", PEER))))
                        .isEqualTo("0:10.71.0.2 " + PEER);
                assertThat(fresh.lookUp(PEER)).isEqualTo("10.71.0.2");
                // ... and prolongs it: failures are remembered for 10 s.
                assertThat(caching.lookUp("emqx-go-1.emqx-go-headless")).doesNotContain("10.71.0.2");
            }
        }
    }

    private Jvm jvm(NetworkNamespace network, @org.jspecify.annotations.Nullable String timeToLive) throws Exception {
        var words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                Path.of(NameLookups.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString()));
        if (timeToLive != null) {
            // sun.net.inetaddr.negative.ttl on the command line would yield to the JDK's own java.security.
            var security = Files.writeString(
                    directory.resolve("security"),
                    "networkaddress.cache.ttl=" + timeToLive + "\nnetworkaddress.cache.negative.ttl=" + timeToLive
                            + "\n");
            words.add("-Djava.security.properties=" + security);
        }
        words.add(NameLookups.class.getName());
        return new Jvm(network.call(() ->
                new ProcessBuilder(inNode(words)).redirectErrorStream(true).start()));
    }

    /** A running {@link NameLookups}. */
    private static final class Jvm implements AutoCloseable {
        private final Process process;
        private final PrintStream names;
        private final BufferedReader results;

        Jvm(Process process) {
            this.process = process;
            names = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            results = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        String lookUp(String name) throws IOException {
            names.println(name);
            return String.valueOf(results.readLine());
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
