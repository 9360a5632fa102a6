package io.havoq.fault.chaosmesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.manifest.DnsChaos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod's resolv.conf as it is given back, by the scripts that a pod runs: here they run on a file. */
class ResolvConfTest extends InjectedFaults {
    private static final DnsChaos NO_NAMES = new DnsChaos(
            "dns", DnsChaos.Action.ERROR, Setup.ONE, List.of(), List.of("broker.example"), Optional.empty());

    @TempDir
    private Path folder;

    private Path file;
    private NameProbe probe;
    private String before = "";
    private PodView pod;

    @BeforeEach
    void look() {
        file = folder.resolve("resolv.conf");
        var api = new ClusterApi(cluster.client(), Setup.FAST);
        pod = new Pods(api).find("default", "emqx-go-0").orElseThrow();
        probe = new NameProbe(NO_NAMES, api, this::run, "broker");
    }

    /** Look-ups are answered whoever is asked. */
    private Shell.Output run(PodView asked, String container, String script) {
        try {
            var process = new ProcessBuilder(
                            "sh",
                            "-c",
                            "getent() { echo '10.1.0.7 STREAM broker.example'; }; " + before
                                    + script.replace("/etc/resolv.conf", file.toString()))
                    .redirectErrorStream(true)
                    .start();
            return new Shell.Output(true, new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void mended(String normal, String under) throws IOException {
        Files.writeString(file, normal);
        probe.before(pod);
        Files.writeString(file, under);
        assertThat(probe.leftover(pod)).isPresent();
        assertThat(probe.mend(pod)).isPresent();
        assertThat(probe.leftover(pod)).isEmpty();
    }

    @Test
    void theLastNameServerIsKnownThoughItsLineDoesNotEnd() throws Exception {
        mended(
                "search mqtt.svc.cluster.local\nnameserver 10.0.0.10\nnameserver 10.0.0.11",
                "search mqtt.svc.cluster.local\nnameserver 10.0.0.99\nnameserver 10.0.0.99");

        assertThat(Files.readAllLines(file)).contains("nameserver 10.0.0.10", "nameserver 10.0.0.11");
    }

    /** A disk that is full, for instance: the file is empty by then, and what it said is nowhere else. */
    @Test
    void whatAWriteThatFailedLostIsGivenBackToo() throws Exception {
        Files.writeString(file, "search mqtt.svc.cluster.local\nnameserver 10.0.0.10\noptions ndots:5\n");
        probe.before(pod);
        Files.writeString(file, "search mqtt.svc.cluster.local\nnameserver 10.0.0.99\noptions ndots:5\n");
        before = "trap '' XFSZ; ulimit -f 0; ";
        assertThat(probe.mend(pod)).isEmpty();
        assertThat(file).isEmptyFile();
        before = "";

        assertThat(probe.leftover(pod)).isPresent();
        assertThat(probe.mend(pod)).isPresent();
        assertThat(Files.readAllLines(file))
                .containsExactlyInAnyOrder("nameserver 10.0.0.10", "search mqtt.svc.cluster.local", "options ndots:5");
    }

    @Test
    void linesAreKeptAsTheyAreWhateverIsInThem() throws Exception {
        var others = "# it's \\n `here` $HOME %s\noptions ndots:5 a\\b\nsortlist 130.155.160.0/255.255.240.0\n";
        mended("nameserver fd00::10%eth0\n" + others, "nameserver 10.0.0.99\n" + others);

        assertThat(Files.readString(file)).isEqualTo("nameserver fd00::10%eth0\n" + others);
    }

    /** What is no answer to a look-up is no address of the name. */
    @Test
    void addressesInTheFileAreNoAnswers() throws Exception {
        Files.writeString(file, "nameserver 10.0.0.10\nsortlist 130.155.160.0/255.255.240.0\n");
        probe.before(pod);

        assertThat(probe.after(Optional.of(pod)).text()).contains("broker.example is [10.1.0.7], before [10.1.0.7]");
    }

    @Test
    void aFileThatCannotBeReadOrWrittenIsNotGivenBack() throws Exception {
        Files.writeString(file, "nameserver 10.0.0.10\n");
        probe.before(pod);
        Files.delete(file);
        assertThat(probe.mend(pod)).isEmpty();
        assertThat(file).doesNotExist();

        Files.createDirectory(file);
        assertThat(probe.mend(pod)).isEmpty();
    }
}
