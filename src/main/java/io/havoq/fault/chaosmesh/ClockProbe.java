package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.ClusterApi.PodPage;
import io.havoq.fault.chaosmesh.Sight.Blind;
import io.havoq.fault.chaosmesh.Sight.NotLooked;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.TimeChaos;
import io.havoq.time.GoDuration;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sees a TimeChaos in the {@code Date} that the target's own HTTP port answers with (RFC 9110, 6.6.1), compared with this machine's clock
 * before and under the fault. A command run by exec would tell nothing: Chaos Mesh shifts the container's first process and its children at
 * that moment ({@code pkg/chaosdaemon/time_server.go}), and exec starts a process that is neither.
 */
final class ClockProbe implements EffectProbe {
    /** Date has whole seconds, and an answer takes its time. */
    private static final Duration TOLERANCE = Duration.ofMillis(2500);

    /** An answer that takes longer may have been stamped anywhere within. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private static final List<String> LIKELY = List.of("http", "metrics", "dashboard", "web", "api", "health");
    /** A page that there is. */
    private static final List<String> PATHS = List.of("/metrics", "/health", "/");

    private static final List<String> UNLIKELY = List.of("mqtt", "grpc", "cluster", "ws", "tls", "ssl");

    private final TimeChaos chaos;
    private final ClusterApi api;
    private final Shell shell;
    private final String container;
    private final InstantSource here;
    private Optional<PodPage> page = Optional.empty();
    private Duration normal = Duration.ZERO;
    private String blind = "";

    ClockProbe(TimeChaos chaos, ClusterApi api, Shell shell, String container, InstantSource here) {
        this.chaos = chaos;
        this.api = api;
        this.shell = shell;
        this.container = container;
        this.here = here;
    }

    @Override
    public EffectProbe amidOthers(boolean dropping) {
        return new ClockProbe(chaos, api, shell, container, here);
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
        var pages = ports.stream()
                .flatMap(port -> PATHS.stream().map(path -> new PodPage(port, path)))
                .toList();
        page = pages.isEmpty()
                ? Optional.empty()
                : api.pageWithDate(pod.namespace(), pod.name(), pages).or(() -> pageByExec(pod, pages));
        var ahead = page.flatMap(found -> ahead(pod, found));
        if (ahead.isPresent()) {
            normal = ahead.get();
        } else {
            blind = page.map(found -> "port " + found.port() + " of " + pod.fullName() + " took longer than "
                            + GoDuration.format(LONGEST) + " to tell its time")
                    .orElse("no port of " + pod.fullName() + " answers HTTP with a Date, of " + ports + " (asked for "
                            + PATHS + " by pods/proxy, where there is such a page, and by curl or wget in container "
                            + container + ")");
        }
    }

    /** All at once, as through the API server: each line tells a page that has one. */
    private Optional<PodPage> pageByExec(PodView pod, List<PodPage> pages) {
        var script = new StringBuilder();
        for (var i = 0; i < pages.size(); i++) {
            script.append("{ o=$(")
                    .append(fetch(pages.get(i)))
                    .append("); case \"$o\" in *[Dd]ate:*) echo \"havoq page ")
                    .append(i)
                    .append(" \";; esac; } & ");
        }
        var output = shell.run(pod, container, script.append("wait").toString());
        return output.ran()
                ? IntStream.range(0, pages.size())
                        .filter(i -> output.text().contains("havoq page " + i + " "))
                        .mapToObj(pages::get)
                        .findFirst()
                : Optional.empty();
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

    /** How far the pod's clock is ahead of this machine's, within the bracket of the question; a wide one tells nothing. */
    private Optional<Duration> ahead(PodView pod, PodPage asked) {
        var from = here.instant();
        var date = api.podDate(pod.namespace(), pod.name(), asked);
        if (date.isEmpty()) {
            from = here.instant();
            date = byExec(pod, asked);
        }
        var took = Duration.between(from, here.instant());
        var middle = from.plus(took.dividedBy(2));
        return took.compareTo(LONGEST) > 0
                ? Optional.empty()
                : date.flatMap(ClockProbe::parse).map(told -> Duration.between(middle, told));
    }

    private static String fetch(PodPage asked) {
        var url = "http://127.0.0.1:" + asked.port() + asked.path();
        return "(curl -s -i -m 3 " + url + " || wget -S -T 3 -O /dev/null " + url + ") 2>&1 | head -40";
    }

    private Optional<String> byExec(PodView pod, PodPage asked) {
        var output = shell.run(pod, container, fetch(asked));
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
            return new NotLooked("its clock could not be read, or it took longer than " + GoDuration.format(LONGEST));
        }
        var shift = ahead.get().minus(normal);
        var text = "port " + page.orElseThrow().port() + " tells a time that is "
                + GoDuration.format(Duration.ofSeconds(shift.toSeconds())) + " off";
        return shift.minus(expected).abs().compareTo(TOLERANCE) <= 0 ? new Seen(text) : new NotYet(text);
    }
}
