package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.environment.EnvironmentException;
import io.havoq.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cluster is meant, and what is said where none can be. */
class ClusterAccessTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("config");
        Files.writeString(file, KubeconfigText.of("kind-chaos", "https://chaos.invalid:6443"));
    }

    private ClusterAccess access(Map<String, String> given, Map<String, String> environment) {
        return ClusterAccess.of(
                Settings.fromSystemProperties().orElse(key -> Optional.ofNullable(given.get(key))), environment::get);
    }

    private ClusterAccess named(String context) {
        return access(Map.of("havoq.context", context, "havoq.kubeconfig", file.toString()), Map.of());
    }

    @Test
    void takesTheContextThatIsNamedAndNeverTheCurrentOne() {
        try (var client = named("kind-chaos").connect()) {
            assertThat(client.getConfiguration().getMasterUrl()).isEqualTo("https://chaos.invalid:6443/");
            assertThat(client.getConfiguration().getAutoOAuthToken()).isEqualTo("abc");
        }
    }

    @Test
    void withoutAContextNothingIsUsedAndTheContextsThereAreAreNamed() {
        assertThatThrownBy(() -> access(Map.of("havoq.kubeconfig", file.toString()), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("havoq.context: is not set")
                .hasMessageContaining("kind-chaos, production");
    }

    @Test
    void anUnknownContextIsAnErrorThatNamesThoseThereAre() {
        assertThatThrownBy(() -> named("kind-chaso").connect())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("context 'kind-chaso'")
                .hasMessageContaining(file.toString())
                .hasMessageContaining("there are kind-chaos, production");
    }

    @Test
    void aMissingFileIsAnErrorThatNamesIt() {
        var missing = directory.resolve("nowhere");
        assertThatThrownBy(() -> access(Map.of("havoq.context", "x", "havoq.kubeconfig", missing.toString()), Map.of())
                        .connect())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("there is no kubeconfig at " + missing)
                .hasMessageContaining("havoq.kubeconfig");
    }

    @Test
    void whatIsNoKubeconfigIsAnError() throws IOException {
        Files.writeString(file, "hello: world\n");
        assertThatThrownBy(() -> named("x").connect())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining(file + " is no kubeconfig");
        Files.writeString(file, "{ not yaml: [");
        assertThatThrownBy(() -> named("x").connect())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining(file + " is no kubeconfig");
    }

    @Test
    void theVariableMayNameSeveralFiles() throws IOException {
        var other = directory.resolve("other");
        Files.writeString(other, KubeconfigText.of("second", "https://second.invalid:6443"));
        var environment = Map.of("KUBECONFIG", file + File.pathSeparator + other);
        try (var client = access(Map.of("havoq.context", "second"), environment).connect()) {
            assertThat(client.getConfiguration().getMasterUrl()).isEqualTo("https://second.invalid:6443/");
        }
    }

    @Test
    void theSettingWinsOverTheVariable() {
        var environment = Map.of("KUBECONFIG", directory.resolve("nowhere").toString());
        try (var client = access(
                        Map.of("havoq.context", "kind-chaos", "havoq.kubeconfig", file.toString()), environment)
                .connect()) {
            assertThat(client.getConfiguration().getMasterUrl()).contains("chaos.invalid");
        }
    }

    @Test
    void aClusterThatIsNotInTheFileIsAnError() throws IOException {
        Files.writeString(file, Files.readString(file).replace("name: kind-chaos-cluster", "name: renamed"));
        assertThatThrownBy(() -> named("kind-chaos").connect())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("names the cluster 'kind-chaos-cluster'")
                .hasMessageContaining("--flatten");
    }

    @Test
    void variablesOfTheProcessDoNotRedirectToAnotherCluster() {
        System.setProperty("kubernetes.master", "https://elsewhere.invalid:6443");
        try (var client = named("kind-chaos").connect()) {
            assertThat(client.getConfiguration().getMasterUrl()).isEqualTo("https://chaos.invalid:6443/");
            assertThat(client.getMasterUrl()).hasToString("https://chaos.invalid:6443/");
        } finally {
            System.clearProperty("kubernetes.master");
        }
    }

    /** Files beside the kubeconfig, as kubectl has them, wherever this process was started. */
    @Test
    void clientCertificatesAreTakenFromFilesBesideTheKubeconfig() throws IOException {
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("token: abc", "client-certificate: pki/me.crt\n    client-key: pki/me.key"));
        var config = named("kind-chaos").reading().config();
        assertThat(Path.of(config.getClientCertFile())).isEqualTo(directory.resolve("pki/me.crt"));
        assertThat(Path.of(config.getClientKeyFile())).isEqualTo(directory.resolve("pki/me.key"));
        assertThat(config.getAutoOAuthToken()).isNull();
        assertThatThrownBy(() -> named("kind-chaos").connect())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("the access data of the context kind-chaos in " + file + " cannot be used")
                .hasMessageContaining("pki/me.crt");
    }

    @Test
    void clientCertificatesInTheKubeconfigAreTaken() throws IOException {
        var text = Files.readString(file)
                .replace("token: abc", "client-certificate-data: Y2VydA==\n    client-key-data: a2V5");
        Files.writeString(file, text);
        for (var access : List.of(named("kind-chaos"), ClusterAccess.ofText("kind-chaos", text))) {
            var config = access.reading().config();
            assertThat(config.getClientCertData()).isEqualTo("Y2VydA==");
            assertThat(config.getClientKeyData()).isEqualTo("a2V5");
        }
    }

    /** The kubelet replaces the token before it expires. */
    @Test
    void inAPodTheServiceAccountIsTakenWithTheTokenOfNow() throws IOException {
        Files.writeString(directory.resolve("token"), "first\n");
        var variables = Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "443");
        var config = ClusterAccess.inCluster(variables::get, directory);
        assertThat(config.getMasterUrl()).isEqualTo("https://[fd00::1]:443/");
        assertThat(config.getCaCertFile()).isEqualTo(directory.resolve("ca.crt").toString());
        assertThat(config.getOauthTokenProvider().getToken()).isEqualTo("first");
        Files.writeString(directory.resolve("token"), "second\n");
        assertThat(config.getOauthTokenProvider().getToken()).isEqualTo("second");
    }

    @Test
    void inClusterOutsideOfAPodIsAnError() {
        assertThatThrownBy(() ->
                        access(Map.of("havoq.context", "in-cluster"), Map.of()).connect())
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("does not run in a pod")
                .hasMessageContaining("name a context");
    }
}
