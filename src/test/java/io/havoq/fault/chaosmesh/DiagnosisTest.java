package io.havoq.fault.chaosmesh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Causes of failures as Chaos Mesh 2.8.3 words them. */
class DiagnosisTest {
    @Test
    void aDnsServerThatHasEndedIsNamed() {
        var failure =
                "Failed to apply chaos: rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while"
                        + " dialing: dial tcp 10.78.0.131:9288: connect: no route to host\"";

        assertThat(Diagnosis.of(failure)).hasValueSatisfying(diagnosis -> {
            assertThat(diagnosis.cause()).contains("DNS server");
            assertThat(diagnosis.nextStep()).contains("chaos-dns-server");
        });
        assertThat(Diagnosis.of(failure.replace("9288", "31767"))
                        .map(Diagnosis::cause)
                        .orElse(""))
                .doesNotContain("DNS server");
    }
}
