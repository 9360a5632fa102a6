package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.ratis.server.RaftServerConfigKeys;
import org.junit.jupiter.api.Test;

class RaftKeysTest {
    /** With Ratis 3.3.0 one append that met another would fail all that follow, see {@link RaftKeys}. */
    @Test
    void anAppendDoesNotDependOnTheOutcomeOfTheOneBefore() {
        var properties = RaftKeys.of(Arguments.parse(
                "--node=n1",
                "--mqtt=127.0.0.1:1",
                "--raft=127.0.0.1:2",
                "--http=127.0.0.1:3",
                "--data=unused",
                "--peers=n1@127.0.0.1:2,n2@127.0.0.1:4,n3@127.0.0.1:5"));

        assertThat(RaftServerConfigKeys.Log.appendEntriesComposeEnabled(properties))
                .isFalse();
    }
}
