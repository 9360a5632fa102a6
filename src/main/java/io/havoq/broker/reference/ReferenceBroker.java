package io.havoq.broker.reference;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.security.Security;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of the reference cluster, as a process: a small replicated MQTT broker, made to be correct under faults, not
 * to be a product. An argument that is missing or wrong ends it with status 64, a fatal problem with 70.
 */
public final class ReferenceBroker {
    private static final Logger LOG = LoggerFactory.getLogger(ReferenceBroker.class);
    private static final int USAGE = 64;

    private ReferenceBroker() {}

    /** Runs a node until the process is ended. */
    @SuppressWarnings("SystemOut") // the user's mistake, told where the user looks
    public static void main(String[] arguments) {
        // What the DNS says may be wrong now and right in a second; java.security would keep it for 30 and 10 s.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Arguments parsed;
        try {
            parsed = Arguments.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(USAGE);
            return;
        }
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, problem) -> Fatal.halt("thread " + thread.getName(), problem));
        try {
            run(parsed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            Fatal.halt("starting " + parsed.node(), e);
        }
    }

    private static void run(Arguments arguments) throws IOException, InterruptedException {
        Files.createDirectories(arguments.data());
        var boot = BootNumber.next(arguments.data());
        LOG.info(
                "{} starts, boot {}, mqtt {}, defect {}",
                arguments.node(),
                boot,
                arguments.mqtt(),
                arguments.defect().word());
        Names.Resolver resolver = InetAddress::getByName;
        var names = new Names(resolver, TimeUnit.MILLISECONDS::sleep);
        try (var http = new HttpEndpoint(
                arguments.http(),
                new HttpEndpoint.Pages(() -> Health.waiting(arguments.node(), boot, names.waiting()), () -> ""))) {
            http.start();
            var found = names.resolve(arguments.hosts());
            var addresses = new PeerAddresses(arguments.others(), found, resolver);
            new BrokerNode(arguments.resolved(found), addresses, boot, http).run();
        }
    }
}
