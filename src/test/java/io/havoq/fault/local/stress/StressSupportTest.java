package io.havoq.fault.local.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.havoq.fault.Support;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Mode;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.StressChaos;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is said where the nodes have no control groups. */
class StressSupportTest {
    private static final Selection ALL = new Selection(Selector.inNamespaces("default"), new Mode.All());
    private final StressSupport without = new StressSupport(
            new StressControl((verb, arguments) -> List.of()),
            new StressSupport.Limits.None("no control groups are mounted", "mount them"),
            pid -> OptionalLong.empty());

    @Test
    void memoryIsUnsupportedWithTheReasonAndTheRemedy() {
        assertThat(without.supports(StressChaos.memory("full", ALL, new MemorySize.Bytes(1 << 20), 0)))
                .isEqualTo(new Support.Unsupported(
                        "memory stress needs a limit that the kernel keeps, and the nodes have none: no control groups"
                                + " are mounted",
                        "mount them"));
    }

    @Test
    void processorsAreEmulated() {
        assertThat(without.supports(StressChaos.cpu("busy", ALL, 1, 80))).isEqualTo(new Support.Supported());
    }
}
