package io.havoq.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathPatternTest {
    @ParameterizedTest
    @CsvSource({
        "/data/a.log, /data/a.log, true",
        "/data/a.log, /data/aXlog, false",
        "/data/*.log, /data/a.log, true",
        // as Rust's glob does without require_literal_separator
        "/data/*.log, /data/b/a.log, true",
        "/data/?.log, /data/ab.log, false",
        "/data/**/*.log, /data/a.log, true",
        "/data/**/*.log, /data/b/c/a.log, true",
        "/data/**/*.log, /data/a.txt, false",
        "/data/**, /data/b/c, true",
        "/data/[a-c]x, /data/bx, true",
        "/data/[!a-c]x, /data/bx, false",
        "/data/[!a-c]x, /data/dx, true",
        "/data/[^]x, /data/^x, true",
        "/data/a(b), /data/a(b), true"
    })
    void matchesAsChaosMeshDoes(String pattern, String path, boolean expected) {
        assertThat(new PathPattern(pattern).matches(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/data/a", "/data/**/*.log", "/data/[!a-c]?/*", "/data/[]x]/**", "/*/[a-c]", "/data/**/x/**/y"})
    void itsExampleMatches(String text) {
        var pattern = new PathPattern(text);
        assertThat(pattern.matches(pattern.example(".witness")))
                .as(pattern.example(".witness"))
                .isTrue();
    }

    @Test
    void tellsThePathOfOneFileFromAPattern() {
        assertThat(new PathPattern("/data/a.log").literal()).isTrue();
        assertThat(new PathPattern("/data/?").literal()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data", "", "/data/../x", "/data/**x", "/data/[ab"})
    void refusesWhatIsNoPattern(String text) {
        assertThatThrownBy(() -> new PathPattern(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
