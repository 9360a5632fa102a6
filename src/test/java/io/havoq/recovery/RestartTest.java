package io.havoq.recovery;

import static io.havoq.recovery.Restart.NEW_POD;
import static io.havoq.recovery.Restart.NONE;
import static io.havoq.recovery.Restart.ONCE;
import static io.havoq.recovery.Restart.PERHAPS;
import static io.havoq.recovery.Restart.REPLACED;
import static io.havoq.recovery.Restart.SOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.environment.Target;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What faults do to a target's uid and restart count, one by one and together. */
class RestartTest {
    private static final Target BEFORE = target("one", 3);

    private static Target target(String uid, int restarts) {
        return new Target(
                "emqx-go-0",
                "default",
                Map.of(),
                Map.of(),
                "Running",
                true,
                List.of("emqx-go"),
                "node",
                uid,
                restarts,
                Map.of());
    }

    @ParameterizedTest
    @CsvSource({
        "NEW_POD, NEW_POD, NEW_POD",
        "NEW_POD, ONCE, REPLACED",
        "NEW_POD, SOME, REPLACED",
        "NEW_POD, PERHAPS, REPLACED",
        "NEW_POD, REPLACED, REPLACED",
        "ONCE, ONCE, SOME",
        "ONCE, SOME, SOME",
        "ONCE, PERHAPS, SOME",
        "SOME, PERHAPS, SOME",
        "PERHAPS, PERHAPS, PERHAPS"
    })
    void twoFaultsDoBoth(Restart one, Restart other, Restart together) {
        assertThat(one.and(other)).isEqualTo(together);
        assertThat(other.and(one)).isEqualTo(together);
    }

    @ParameterizedTest
    @EnumSource
    void whoRestartsNothingChangesNothing(Restart other) {
        assertThat(NONE.and(other)).isEqualTo(other);
        assertThat(other.and(NONE)).isEqualTo(other);
    }

    private static Set<Restart> matching(Target now) {
        var all = EnumSet.allOf(Restart.class);
        all.removeIf(restart -> !restart.matches(BEFORE, now));
        return all;
    }

    @Test
    void uidAndRestartCountTellWhatHappened() {
        assertThat(matching(target("one", 3))).containsExactlyInAnyOrder(NONE, PERHAPS);
        assertThat(matching(target("one", 4))).containsExactlyInAnyOrder(ONCE, SOME, PERHAPS);
        assertThat(matching(target("one", 5))).containsExactlyInAnyOrder(SOME, PERHAPS);
        assertThat(matching(target("two", 0))).containsExactlyInAnyOrder(NEW_POD, REPLACED);
        assertThat(matching(target("two", 1))).containsExactlyInAnyOrder(REPLACED);
    }
}
