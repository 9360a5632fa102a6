package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.OtherEnd.End;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Round trips measured from within a container: by ping (iputils or busybox), else by TCP connections.
 *
 * @param sent how many were tried
 * @param medianMillis of those that were answered
 * @param byPing whether duplicates and packet sizes mean anything
 * @param arrived how many the other side got, duplicates included; empty if it was not asked or does not tell
 */
record RoundTrips(
        int sent, int received, int duplicates, OptionalDouble medianMillis, boolean byPing, OptionalInt arrived) {
    private static final Pattern COUNTS =
            Pattern.compile("(\\d+) packets transmitted, (\\d+) (?:packets )?received(.*)");
    private static final Pattern DUPLICATES = Pattern.compile("\\+?(\\d+) duplicates");
    private static final Pattern TIME = Pattern.compile("time[=<]([0-9.]+) ?ms");
    private static final Pattern CONNECTED = Pattern.compile("havoq tcp ([0-9.]+) ([0-9.]+) (ok|fail)");

    /** Tries it; the reason if there is no way. */
    static Attempt measure(Shell shell, PodView pod, String container, End end, int count, int payload) {
        var output = shell.run(pod, container, script(end, count, payload));
        if (!output.ran()) {
            return new Attempt(Optional.empty(), output.text());
        }
        var trips = ping(output.text()).or(() -> connections(output.text()));
        return new Attempt(
                trips,
                "neither ping nor nc nor bash can be used in container " + container + " of " + pod.fullName() + ": "
                        + output.text()
                                .strip()
                                .lines()
                                .reduce((first, last) -> last)
                                .orElse("no output"));
    }

    /**
     * One measurement.
     *
     * @param why there are none
     */
    record Attempt(Optional<RoundTrips> trips, String why) {
        Attempt arriving(OptionalInt there) {
            return new Attempt(trips.map(found -> found.arriving(there)), why);
        }
    }

    /** /proc/uptime is the one clock that every shell can read: hundredths of a second. */
    private static String script(End end, int count, int payload) {
        var ping = "ping -c " + count + " -i 0.2 -W 2 -s " + payload + " " + end.address() + " 2>&1";
        var connects = end.port() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "if command -v nc >/dev/null 2>&1; then c() { nc -z -w 3 %1$s %2$d </dev/null >/dev/null 2>&1; };"
                                + " elif command -v bash >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then"
                                + " c() { timeout 3 bash -c 'exec 3<>/dev/tcp/%1$s/%2$d' >/dev/null 2>&1; };"
                                + " else echo no tool; exit 0; fi; i=0; while [ $i -lt 4 ]; do"
                                + " read a r </proc/uptime; if c; then s=ok; else s=fail; fi; read b r </proc/uptime;"
                                + " echo \"havoq tcp $a $b $s\"; i=$((i+1)); done",
                        end.address(),
                        end.port());
        return "o=$(" + ping + "); case \"$o\" in *transmitted*) echo \"$o\"; exit 0;; esac; echo \"$o\"; " + connects;
    }

    static Optional<RoundTrips> ping(String text) {
        var counts = COUNTS.matcher(text);
        if (!counts.find()) {
            return Optional.empty();
        }
        var duplicates = DUPLICATES.matcher(counts.group(3));
        var times = new ArrayList<Double>();
        var time = TIME.matcher(text);
        while (time.find()) {
            times.add(Double.valueOf(time.group(1)));
        }
        return Optional.of(new RoundTrips(
                Integer.parseInt(counts.group(1)),
                Integer.parseInt(counts.group(2)),
                duplicates.find() ? Integer.parseInt(duplicates.group(1)) : 0,
                median(times),
                true,
                OptionalInt.empty()));
    }

    static Optional<RoundTrips> connections(String text) {
        var times = new ArrayList<Double>();
        var sent = 0;
        var line = CONNECTED.matcher(text);
        while (line.find()) {
            sent++;
            if (line.group(3).equals("ok")) {
                times.add(1000 * (Double.parseDouble(line.group(2)) - Double.parseDouble(line.group(1))));
            }
        }
        return sent == 0
                ? Optional.empty()
                : Optional.of(new RoundTrips(sent, times.size(), 0, median(times), false, OptionalInt.empty()));
    }

    private static OptionalDouble median(List<Double> times) {
        return times.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(times.stream().sorted().toList().get(times.size() / 2));
    }

    RoundTrips plus(RoundTrips more) {
        return new RoundTrips(
                sent + more.sent,
                received + more.received,
                duplicates + more.duplicates,
                more.medianMillis,
                byPing && more.byPing,
                arrived.isPresent() && more.arrived.isPresent()
                        ? OptionalInt.of(arrived.getAsInt() + more.arrived.getAsInt())
                        : OptionalInt.empty());
    }

    RoundTrips arriving(OptionalInt there) {
        return new RoundTrips(sent, received, duplicates, medianMillis, byPing, byPing ? there : OptionalInt.empty());
    }

    double lossPercent() {
        return lost().percent();
    }

    /** Of what was sent there and back. */
    LostShare lost() {
        return new LostShare(sent - received, sent);
    }

    /** Whether what was lost there is told from what was lost on the way back; not where some arrive twice. */
    boolean waysApart() {
        return arrived.isPresent() && arrived.getAsInt() <= sent && arrived.getAsInt() >= received;
    }

    /** Of what was sent to the other side; meaningful where {@link #waysApart}. */
    LostShare lostThere() {
        return new LostShare(sent - arrived.orElse(sent), sent);
    }

    /** Of what the other side answered; likewise. */
    LostShare lostBack() {
        return new LostShare(arrived.orElse(received) - received, arrived.orElse(received));
    }

    @Override
    public String toString() {
        return received + " of " + sent + (byPing ? " pings" : " connections") + " answered"
                + (medianMillis.isPresent()
                        ? String.format(Locale.ROOT, ", median %.1f ms", medianMillis.getAsDouble())
                        : "")
                + (duplicates > 0 ? ", " + duplicates + " twice" : "")
                + (arrived.isPresent() ? ", " + arrived.getAsInt() + " arrived there" : "");
    }
}
