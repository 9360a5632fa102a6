package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.settings.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestRewriterTest {
    private static final Settings NONE =
            Settings.fromSystemProperties().with(ManifestSettings.NAMESPACE, "").with(ManifestSettings.SELECTOR, "");

    @Test
    void withoutTheSettingsAManifestStaysAsItIs() {
        var document = Manifests.read("chaos/01-pod-kill.yaml").get(0);

        assertThat(new ManifestRewriter(NONE).rewrite(document)).isSameAs(document);
    }

    @Test
    void replacesNamespaceAndLabels() {
        var document = Manifests.read("chaos/01-pod-kill.yaml").get(0);
        var settings = NONE.with(ManifestSettings.NAMESPACE, "mqtt")
                .with(ManifestSettings.SELECTOR, "app.kubernetes.io/name=emqx, tier=core");

        var rewritten = new ManifestRewriter(settings).rewrite(document);

        assertThat(rewritten.namespace()).isEqualTo("mqtt");
        assertThat(rewritten.spec().selection().selector())
                .isEqualTo(Selector.inNamespaces("mqtt")
                        .withLabels(Map.of("app.kubernetes.io/name", "emqx", "tier", "core")));
        assertThat(rewritten.line("spec.mode")).isEqualTo(document.line("spec.mode"));
        var again = Manifests.parse("again.yaml", rewritten.text()).get(0);
        assertThat(again.spec()).isEqualTo(rewritten.spec());
        assertThat(again.namespace()).isEqualTo("mqtt");
    }

    @Test
    void podsThatAreNamedMoveToTheNamespaceAndKeepTheirNames() {
        var spec = PodChaos.podKill(
                "kill", new Selection(Selector.ofPods("default", List.of("emqx-go-2")), new Mode.All()));
        var settings = NONE.with(ManifestSettings.NAMESPACE, "mqtt").with(ManifestSettings.SELECTOR, "app=other");

        assertThat(new ManifestRewriter(settings).rewrite(spec).selection().selector())
                .isEqualTo(Selector.ofPods("mqtt", List.of("emqx-go-2")));
    }

    @Test
    void theTargetsLabelsAreReplacedWhereTheyAreTheSourcesToo() {
        var document = Manifests.read("chaos/02-network-partition.yaml").get(0);
        var settings = NONE.with(ManifestSettings.NAMESPACE, "mqtt").with(ManifestSettings.SELECTOR, "app=broker");

        var rewritten = new ManifestRewriter(settings).rewrite(document);

        var target = rewritten.spec().target().orElseThrow().selector();
        assertThat(target.namespaces()).containsExactly("mqtt");
        assertThat(target.labels()).containsExactly(Map.entry("app", "broker"));
        assertThat(target.expressions())
                .isEqualTo(document.spec().target().orElseThrow().selector().expressions());
        assertThat(rewritten.spec().selection().selector().labels()).containsExactly(Map.entry("app", "broker"));
        assertThat(Manifests.parse("again.yaml", rewritten.text()).get(0).spec())
                .isEqualTo(rewritten.spec());
    }

    @Test
    void labelsThatTellTargetsFromSourcesStay() {
        var spec = NetworkChaos.partition(
                "cut",
                new Selection(Selector.inNamespaces("default").withLabels(Map.of("app", "emqx-go")), new Mode.All()),
                NetworkChaos.Direction.BOTH,
                new Selection(Selector.inNamespaces("default").withLabels(Map.of("app", "database")), new Mode.All()));
        var settings = NONE.with(ManifestSettings.NAMESPACE, "mqtt").with(ManifestSettings.SELECTOR, "app=broker");

        assertThat(new ManifestRewriter(settings)
                        .rewrite(spec)
                        .target()
                        .orElseThrow()
                        .selector())
                .isEqualTo(Selector.inNamespaces("mqtt").withLabels(Map.of("app", "database")));
    }

    @Test
    void theNamesOfADnsFaultStay() {
        var document = Manifests.read("chaos/09-dns-failure.yaml").get(0);

        var rewritten = new ManifestRewriter(NONE.with(ManifestSettings.NAMESPACE, "mqtt")).rewrite(document);

        assertThat(((DnsChaos) rewritten.spec()).patterns()).containsExactly("emqx-go-*");
        assertThat(rewritten.spec().selection().selector().namespaces()).containsExactly("mqtt");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            emqx-go      | 'emqx-go' is not a label: expected label=value, e.g. app=emqx-go
            app=a,       | '' is not a label
            a b=c        | 'a b' is not a label key
            app=a,app=b  | 'app' is given twice
            """)
    void aBadSelectorSettingIsRefused(String text, String words) {
        var settings = NONE.with(ManifestSettings.SELECTOR, text);

        assertThatThrownBy(() -> new ManifestRewriter(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("setting havoq.selector: " + words);
    }

    @Test
    void aBadNamespaceSettingIsRefused() {
        var settings = NONE.with(ManifestSettings.NAMESPACE, "My Space");

        assertThatThrownBy(() -> new ManifestRewriter(settings))
                .hasMessageContaining("setting havoq.namespace: 'My Space' is not a DNS label");
    }
}
