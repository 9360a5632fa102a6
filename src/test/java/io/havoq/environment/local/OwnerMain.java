package io.havoq.environment.local;

import static org.awaitility.Awaitility.await;

import io.havoq.broker.BrokerPresets;
import io.havoq.fault.local.syscall.Deprivation;
import io.havoq.manifest.MemorySize;
import io.havoq.manifest.Mode;
import io.havoq.manifest.NetworkChaos;
import io.havoq.manifest.PodChaos;
import io.havoq.manifest.Selection;
import io.havoq.manifest.Selector;
import io.havoq.manifest.StressChaos;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run that somebody kills: starts the local environment that its system properties describe, and says how far it got.
 * Arguments: the output directory; {@code hold} to keep a node down; {@code stress} to stress one; {@code every} to carry out
 * every fault that is possible, {@code kill} to tell of every fault and to kill a node; {@code end} to close and end by itself. The environment variable {@code HAVOQ_DEPRIVED} names what it
 * is first {@linkplain Deprivation deprived} of.
 */
final class OwnerMain {
    static final String DEPRIVED = "HAVOQ_DEPRIVED";
    private static final Selection ALL = new Selection(
            new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());

    private OwnerMain() {}

    public static void main(String[] arguments) throws IOException {
        var deprivation = System.getenv(DEPRIVED);
        if (deprivation != null) {
            Deprivation.valueOf(deprivation).suffer();
        }
        var settings = Settings.fromSystemProperties();
        say("starting");
        var environment = new LocalEnvironment(
                settings, BrokerPresets.of(settings), Path.of(arguments[0]), line -> say("progress " + line));
        var tries = List.of("every", "kill").contains(arguments[1]);
        if (tries) {
            environment.prepare(EveryFault.SPECS);
        }
        environment.start();
        say("description " + environment.description());
        say("partition "
                + environment
                        .faults()
                        .supports(NetworkChaos.partition("partition", ALL, NetworkChaos.Direction.BOTH, ALL)));
        if (arguments[1].equals("hold")) {
            var spec =
                    new PodChaos("hold", PodChaos.Action.POD_FAILURE, ALL, Duration.ZERO, List.of(), Optional.empty());
            var unused = environment
                    .faults()
                    .inject("hold", spec, environment.targets().subList(0, 1), List.of());
        }
        if (arguments[1].equals("stress")) {
            stress(environment);
        }
        if (tries) {
            new EveryFault(environment, OwnerMain::say).carryOut(arguments[1].equals("every"));
        }
        say("running");
        if (!tries && !arguments[1].equals("end")) {
            // Until it is killed, or its parent has gone.
            while (System.in.read() >= 0) {
                say("still running");
            }
        }
        environment.close();
        say("closed");
    }

    private static void stress(LocalEnvironment environment) {
        var all = new Selection(
                new Selector(List.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of()), new Mode.All());
        say("memory " + environment.faults().supports(StressChaos.memory("m", all, new MemorySize.Bytes(1 << 20), 0)));
        say("cpu " + environment.faults().supports(StressChaos.cpu("c", all, 1, 50)));
        var injection = environment
                .faults()
                .inject(
                        "cpu",
                        StressChaos.cpu("c", all, 1, 50),
                        environment.targets().subList(0, 1),
                        List.of());
        await("the stress acts").atMost(Duration.ofSeconds(20)).until(injection::acted);
        injection.effect().forEach(proof -> say("proof " + proof.observation()));
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
