package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.Sight.Blind;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.TimeChaos;
import io.havoq.time.GoDuration;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Sees a TimeChaos in the {@code Date} that the target's own HTTP port answers with (RFC 9110, 6.6.1), compared with this machine's clock
 * before and under the fault. A command run by exec would tell nothing: Chaos Mesh shifts the container's first process and its children at
 * that moment ({@code pkg/chaosdaemon/time_server.go}), and exec starts a process that is neither.
 */
final class ClockProbe implements EffectProbe {
    /** Date has whole seconds, and an answer takes its time. */
    private static final Duration TOLERANCE = Duration.ofMillis(2500);

    private static final List<String> LIKELY = List.of("http", "metrics", "dashboard", "web", "api", "health");
    /** A page that there is. */
    private static final List<String> PATHS = List.of("/metrics", "/health", "/");

    private static final List<String> UNLIKELY = List.of("mqtt", "grpc", "cluster", "ws", "tls", "ssl");

    private final TimeChaos chaos;
    private final ClusterApi api;
    private final Shell shell;
    private final String container;
    private Optional<Page> page = Optional.empty();
    private Duration normal = Duration.ZERO;
    private String blind = "";

    private record Page(int port, String path) {}

    ClockProbe(TimeChaos chaos, ClusterApi api, Shell shell, String container) {
        this.chaos = chaos;
        this.api = api;
        this.shell = shell;
        this.container = container;
    }

    @Override
    public void before(PodView pod) {
        if (!chaos.clockIds().contains(TimeChaos.ClockId.CLOCK_REALTIME)) {
            blind = "clocks " + chaos.clockIds() + " are none that a pod tells anybody";
            return;
        }
        if (chaos.timeOffset().abs().compareTo(TOLERANCE.multipliedBy(2)) < 0) {
            blind = "an offset of " + GoDuration.format(chaos.timeOffset()) + " is too small for whole seconds";
            return;
        }
        var ports = ports(pod);
        for (var candidate : ports) {
            for (var path : PATHS) {
                var ahead = ahead(pod, new Page(candidate, path));
                if (ahead.isPresent()) {
                    page = Optional.of(new Page(candidate, path));
                    normal = ahead.get();
                    return;
                }
            }
        }
        blind = "no port of " + pod.fullName() + " answers HTTP with a Date, of " + ports + " (asked for " + PATHS
                + " by pods/proxy, where there is such a page, and by curl or wget in container " + container + ")";
    }

    /** The likely first; those of other protocols not at all. */
    private static List<Integer> ports(PodView pod) {
        var named = new ArrayList<Map.Entry<String, Integer>>();
        pod.containers().forEach(each -> named.addAll(each.ports().entrySet()));
        return named.stream()
                .filter(entry -> !has(entry, UNLIKELY))
                .sorted(Comparator.comparing((Map.Entry<String, Integer> entry) -> !has(entry, LIKELY)))
                .map(Map.Entry::getValue)
                .filter(number -> number != 1883 && number != 8883)
                .distinct()
                .limit(6)
                .toList();
    }

    private static boolean has(Map.Entry<String, Integer> port, List<String> words) {
        return words.stream().anyMatch(port.getKey().toLowerCase(Locale.ROOT)::contains);
    }

    /** How far the pod's clock is ahead of this machine's, within the bracket of the question. */
    private Optional<Duration> ahead(PodView pod, Page asked) {
        var from = Instant.now();
        var date = api.podDate(pod.namespace(), pod.name(), asked.port(), asked.path())
                .or(() -> byExec(pod, asked));
        var until = Instant.now();
        return date.flatMap(ClockProbe::parse)
                .map(told ->
                        Duration.between(from.plus(Duration.between(from, until).dividedBy(2)), told));
    }

    private Optional<String> byExec(PodView pod, Page asked) {
        var url = "http://127.0.0.1:" + asked.port() + asked.path();
        var output = shell.run(
                pod,
                container,
                "(curl -s -i -m 3 " + url + " || wget -S -T 3 -O /dev/null " + url + ") 2>&1 | head -40");
        return output.ran()
                ? output.text()
                        .lines()
                        .map(String::strip)
                        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("date:"))
                        .map(line -> line.substring("date:".length()).strip())
                        .findFirst()
                : Optional.empty();
    }

    private static Optional<Instant> parse(String date) {
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        return shifted(pod, chaos.timeOffset());
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        return shifted(pod, Duration.ZERO);
    }

    private Sight shifted(Optional<PodView> pod, Duration expected) {
        if (!blind.isEmpty()) {
            return new Blind(blind);
        }
        var ahead = pod.flatMap(now -> ahead(now, page.orElseThrow()));
        if (ahead.isEmpty()) {
            return new NotYet("its clock could not be read");
        }
        var shift = ahead.get().minus(normal);
        var text = "port " + page.orElseThrow().port() + " tells a time that is "
                + GoDuration.format(Duration.ofSeconds(shift.toSeconds())) + " off";
        return shift.minus(expected).abs().compareTo(TOLERANCE) <= 0 ? new Seen(text) : new NotYet(text);
    }
}
