package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.Sight.Blind;
import io.havoq.fault.chaosmesh.Sight.NotLooked;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.PathPattern;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Sees an IOChaos in file operations on the volume, which a command run by exec meets too: it enters the container's mounts. Reads what is
 * there; only for faults that no reading meets it writes a small file of its own, which it removes.
 */
final class FileProbe implements EffectProbe {
    private static final List<String> READING =
            List.of("lookup", "getattr", "open", "read", "opendir", "readdir", "access");
    private static final String OWN_FILE = ".havoq-probe";
    private static final Pattern RESULT = Pattern.compile("havoq io (\\d+) (\\d+) ([0-9.]+) ([0-9.]+)");

    /** Less than this per turn is lost in the clock's hundredths and in the cost of a process. */
    private static final double LEAST_MILLIS = 2;

    private final IoChaos chaos;
    private final ClusterApi api;
    private final Shell shell;
    private final String container;
    private final LastWords words;
    private Optional<Turns> normal = Optional.empty();
    private Optional<String> file = Optional.empty();
    private Optional<String> shown = Optional.empty();
    private boolean litter;
    private String blind = "";

    /** So many turns, how many of which failed, and how long one took. */
    private record Turns(int count, int failed, double millis, String error) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%d of %d failed, %.1f ms each", failed, count, millis)
                    + (failed > 0 ? " (" + error + ")" : "");
        }
    }

    FileProbe(IoChaos chaos, ClusterApi api, Shell shell, String container) {
        this.chaos = chaos;
        this.api = api;
        this.shell = shell;
        this.container = container;
        words = new LastWords(api, container);
    }

    @Override
    public EffectProbe amidOthers(boolean dropping) {
        return new FileProbe(chaos, api, shell, container);
    }

    @Override
    public void before(PodView pod) {
        words.before(pod);
        if (!(chaos.effect() instanceof IoChaos.Effect.Latency) && !(chaos.effect() instanceof IoChaos.Effect.Fault)) {
            blind = "Havoq has no probe for " + chaos.effect().action();
            return;
        }
        if (chaos.effect() instanceof IoChaos.Effect.Latency latency && added(latency.delay()) < 2 * LEAST_MILLIS) {
            blind = "a delay of " + latency.delay() + " on " + chaos.percent()
                    + " % of the operations is too small to be told from the machine's own";
            return;
        }
        var output = turn(pod);
        normal = turns(output);
        file = line(output.text(), "file: ");
        if (normal.isEmpty()) {
            blind = "files of " + chaos.volumePath() + " cannot be used by a shell in container " + container + ": "
                    + output.text().strip();
        } else if (normal.get().failed() > 0) {
            blind = "file operations in " + chaos.volumePath() + " fail before the injection too: " + normal.get();
        }
    }

    /** What one operation costs more on average, in milliseconds. */
    private double added(Duration delay) {
        return delay.toNanos() / 1e6 * chaos.percent() / 100;
    }

    /** A turn is made again until 20 are done or five seconds have passed. Which file, is chosen without the fault. */
    private String script() {
        var reads = reads();
        var turn = reads
                ? "if [ -n \"$f\" ]; then head -c 1 \"$f\" >/dev/null; else ls -l " + Shell.quoted(chaos.volumePath())
                        + " >/dev/null; fi"
                : "echo havoq >\"$f\"";
        return (file.isPresent() ? "f=" + Shell.quoted(file.get()) : reads ? find() : "f=" + Shell.quoted(own()))
                + "; n=0; bad=0; e=; read a r </proc/uptime; while [ $n -lt 20 ]; do o=$( { " + turn
                + "; } 2>&1 ) || { bad=$((bad+1)); e=$o; }; n=$((n+1)); read b r </proc/uptime;"
                + " [ ${b%.*} -ge $((${a%.*}+5)) ] && break; done; echo \"havoq io $n $bad $a $b\"; echo \"error: $e\";"
                + " echo \"file: $f\"" + (reads ? "" : "; rm -f \"$f\" || echo \"stays: $f\"");
    }

    private boolean reads() {
        return chaos.methods().isEmpty() || chaos.methods().stream().anyMatch(READING::contains);
    }

    /** Runs it; a fault may keep its own file from being removed, and one that was cut short may not have come to that. */
    private Shell.Output turn(PodView pod) {
        var output = shell.run(pod, container, script());
        litter = !reads() && (output.ran() ? line(output.text(), "stays: ").isPresent() : normal.isPresent());
        return output;
    }

    @Override
    public Optional<String> litter(PodView pod) {
        if (litter) {
            var output = shell.run(pod, container, "rm -f " + Shell.quoted(own()) + " && echo removed");
            litter = !output.ran() || !output.text().contains("removed");
        }
        return litter
                ? Optional.of("Havoq's own file " + own() + " may still be on the volume and could not be removed")
                : Optional.empty();
    }

    private String find() {
        var found = "$(find " + Shell.quoted(chaos.volumePath()) + " -type f 2>/dev/null | head -200)";
        return chaos.path()
                .map(path -> path.literal()
                        ? "f=" + Shell.quoted(path.text())
                        : "f=; for c in " + found + "; do case \"$c\" in " + glob(path) + ") f=$c; break;; esac; done")
                .orElse("f=; for f in " + found + "; do break; done");
    }

    private String own() {
        return chaos.path().map(path -> path.example(OWN_FILE)).orElse(chaos.volumePath() + "/" + OWN_FILE);
    }

    /** As a shell's {@code case} takes it: with a wildcard that crosses directories, and nothing that the shell would carry out. */
    private static String glob(PathPattern pattern) {
        return pattern.text().replace("/**/", "/*").replaceAll("[^A-Za-z0-9/._*?\\[\\]!-]", "\\\\$0");
    }

    private static Optional<Turns> turns(Shell.Output output) {
        var result = RESULT.matcher(output.text());
        if (!output.ran() || !result.find()) {
            return Optional.empty();
        }
        var count = Integer.parseInt(result.group(1));
        var error = line(output.text(), "error: ").orElse("");
        return Optional.of(new Turns(
                count,
                Integer.parseInt(result.group(2)),
                1000 * (Double.parseDouble(result.group(4)) - Double.parseDouble(result.group(3))) / Math.max(1, count),
                error));
    }

    private static Optional<String> line(String text, String mark) {
        return text.lines()
                .filter(line -> line.startsWith(mark))
                .map(line -> line.substring(mark.length()))
                .findFirst();
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        return looked(pod, true);
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        return looked(pod, false);
    }

    private Sight looked(Optional<PodView> pod, boolean harmed) {
        shown = Optional.empty();
        if (!blind.isEmpty()) {
            return new Blind(blind);
        }
        if (pod.isEmpty()) {
            return new NotYet("the pod is gone");
        }
        var ending = harmed ? ending(pod.get()) : Optional.<String>empty();
        if (ending.isPresent()) {
            return new Seen(ending.get());
        }
        var output = turn(pod.get());
        if (turns(output).filter(FileProbe::notThere).isPresent()) {
            // A broker removes files that it does not need any more: that is no fault, and another one is asked.
            file = Optional.empty();
            output = turn(pod.get());
            file = line(output.text(), "file: ");
        }
        var now = turns(output);
        if (now.isEmpty()) {
            return new NotLooked(output.text().strip());
        }
        var text = "file operations in " + chaos.volumePath() + ": " + now.get() + "; before " + normal.orElseThrow();
        if (!harmed && surely(now.get())) {
            shown = Optional.of(text);
        }
        if (!harmed && now.get().failed() > 0) {
            return new NotYet(text);
        }
        return harmed(now.get()) == harmed
                ? new Seen(text)
                : new NotYet(text
                        + (harmed
                                ? words.untold(pod.get()).map(why -> "; " + why).orElse("")
                                : ""));
    }

    /** A broker that cannot write may well end itself. */
    @Override
    public Optional<String> ending(PodView pod) {
        return chaos.effect() instanceof IoChaos.Effect.Fault fault ? words.tell(pod, fault.errno()) : Optional.empty();
    }

    private boolean harmed(Turns now) {
        if (chaos.effect() instanceof IoChaos.Effect.Latency latency) {
            return now.millis() - normal.orElseThrow().millis() >= Math.max(LEAST_MILLIS, added(latency.delay()) / 4);
        }
        return chaos.effect() instanceof IoChaos.Effect.Fault fault
                && now.failed() > 0
                && LastWords.mayName(fault.errno(), now.error());
    }

    /** Not merely slower, as a disk that has much to do is. */
    private boolean surely(Turns now) {
        return harmed(now)
                && (!(chaos.effect() instanceof IoChaos.Effect.Latency latency)
                        || now.millis() - normal.orElseThrow().millis() >= added(latency.delay()) / 2);
    }

    private static boolean notThere(Turns now) {
        return now.failed() > 0 && LastWords.isNotThere(now.error());
    }

    @Override
    public Optional<String> leftover(PodView pod) {
        return shown;
    }
}
