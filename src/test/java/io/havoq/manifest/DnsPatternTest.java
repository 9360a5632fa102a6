package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DnsPatternTest {
    @ParameterizedTest
    @CsvSource({
        "google.com, google.com, true",
        "google.com, google.com., true",
        "google.com., google.com, true",
        "google.com, www.google.com, false",
        "google.com, google.com.svc, false",
        "github.*, github.com., true",
        "github.*, github., true",
        "github.*, github, true",
        "github.*, githubs.com, false",
        "chaos-mes?.org, chaos-mesh.org., true",
        "chaos-mes?.org, chaos-mes.org., false",
        "chaos-mes?.org, chaos-meshs.org., false",
        "emqx-go-*, emqx-go-0.emqx-go-headless.default.svc.cluster.local., true",
        "emqx-go-*, emqx-go., false",
        "emqx-go-?*, emqx-go-headless.default.svc.cluster.local., true",
        "a?b, a.b., true",
        // a ? may even be the final dot, for the name is compared as it is asked for
        "google.com?, google.com., true",
        "emqx-go-*, EMQX-GO-0.default., false",
        "*, anything.at.all., true",
        "_mqtt._tcp.example.org, _mqtt._tcp.example.org., true",
    })
    void matchesAsTheDnsServerOfChaosMesh(String pattern, String name, boolean expected) {
        assertThat(new DnsPattern(pattern).matches(name)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*.com",
                "a*b",
                "a**",
                "a b",
                "a/b",
                "a[0-9]",
                ".a",
                "a..b",
                "Google.com",
                "a1234567890123456789012345678901234567890123456789012345678901234.org"
            })
    void whatWouldNeverMatchIsRefused(String pattern) {
        assertThatThrownBy(() -> new DnsPattern(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DNS pattern '" + pattern + "'")
                .hasMessageContaining("and * at its end, e.g. emqx-go-*");
    }

    @Test
    void aFaultWithoutPatternsAffectsEveryName() {
        assertThat(fault().affects("anything.")).isTrue();
        assertThat(fault("emqx-go-*", "db.*").affects("db.example.org.")).isTrue();
        assertThat(fault("emqx-go-*", "db.*").affects("example.org.")).isFalse();
    }

    private static DnsChaos fault(String... patterns) {
        return new DnsChaos(
                "names",
                DnsChaos.Action.ERROR,
                new Selection(Selector.inNamespaces("default").withLabels(Map.of("app", "emqx-go")), new Mode.All()),
                List.of(),
                List.of(patterns),
                Optional.empty());
    }
}
