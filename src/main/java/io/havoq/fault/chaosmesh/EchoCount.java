package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.OtherEnd.End;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Counts the pings that arrive at a pod, by its own kernel's word ({@code InEchos} of {@code /proc/net/snmp}, RFC 4293): so what was lost on the way
 * there is told from what was lost on the way back.
 */
final class EchoCount {
    private static final String SCRIPT =
            "while read l; do case \"$l\" in Icmp:*) echo \"$l\";; esac; done </proc/net/snmp";

    private final Pods pods;
    private final Shell shell;
    private final End end;
    private OptionalLong from = OptionalLong.empty();
    private OptionalLong until = OptionalLong.empty();
    private boolean others;

    EchoCount(Pods pods, Shell shell, End end) {
        this.pods = pods;
        this.shell = shell;
        this.end = end;
    }

    void begin() {
        from = read();
        others |= from.isPresent() && until.isPresent() && from.getAsLong() != until.getAsLong();
    }

    /**
     * How many have arrived since; empty if the pod does not tell, or is another one by now, and if pings have arrived in between that nobody
     * sent from here: then those of somebody else may be among them.
     */
    OptionalInt arrived() {
        until = read();
        return others || from.isEmpty() || until.isEmpty() || until.getAsLong() < from.getAsLong()
                ? OptionalInt.empty()
                : OptionalInt.of((int) (until.getAsLong() - from.getAsLong()));
    }

    private OptionalLong read() {
        if (end.namespace().isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            var pod = pods.find(end.namespace(), end.name())
                    .filter(now -> now.ip().equals(end.address()));
            var output = pod.map(now -> shell.run(now, now.containers().get(0).name(), SCRIPT));
            return output.isPresent() && output.get().ran()
                    ? inEchos(output.get().text().lines().toList())
                    : OptionalLong.empty();
        } catch (ApiException e) {
            return OptionalLong.empty();
        }
    }

    /** A line of names, and one of their numbers. */
    static OptionalLong inEchos(List<String> lines) {
        if (lines.size() < 2) {
            return OptionalLong.empty();
        }
        var at = List.of(lines.get(0).split(" ", -1)).indexOf("InEchos");
        var numbers = lines.get(1).split(" ", -1);
        return at > 0 && at < numbers.length && numbers[at].matches("[0-9]{1,18}")
                ? OptionalLong.of(Long.parseLong(numbers[at]))
                : OptionalLong.empty();
    }
}
