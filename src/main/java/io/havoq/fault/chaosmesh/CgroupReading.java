package io.havoq.fault.chaosmesh;

import java.util.HashMap;
import java.util.Optional;

/**
 * What a container's control group has used, read from within it; version 2, or 1.
 *
 * @param atSeconds by its own clock
 * @param cpuSeconds of processor time since the group was made
 * @param oomKills of the kernel in this group; 0 where version 1 does not tell
 * @param stressors Chaos Mesh's processes that run among the container's: it starts them in its PID namespace ({@code chaosimpl/stresschaos})
 */
record CgroupReading(double atSeconds, double cpuSeconds, double memoryBytes, long oomKills, int stressors) {
    private static final String SCRIPT = "g=/sys/fs/cgroup; f() { read u r </proc/uptime; echo \"$1 at $u\";"
            + " if [ -r $g/cpu.stat ]; then while read k v; do echo \"$1 $k $v\"; done <$g/cpu.stat; fi;"
            + " if [ -r $g/cpuacct/cpuacct.usage ]; then read v <$g/cpuacct/cpuacct.usage; echo \"$1 cpu_ns $v\"; fi;"
            + " if [ -r $g/memory.current ]; then read v <$g/memory.current; echo \"$1 memory $v\"; fi;"
            + " if [ -r $g/memory/memory.usage_in_bytes ]; then read v <$g/memory/memory.usage_in_bytes;"
            + " echo \"$1 memory $v\"; fi;"
            + " for e in $g/memory.events $g/memory/memory.oom_control; do if [ -r $e ]; then"
            + " while read k v; do echo \"$1 $k $v\"; done <$e; fi; done;"
            + " " + countingStressors("/proc") + " echo \"$1 stressors $n\"; };"
            + " f havoq1; sleep 2; f havoq2";

    /**
     * Sets n. Those that have ended stay as zombies where the container's first process does not wait for what is not its own child, as a
     * JVM does not.
     */
    static String countingStressors(String proc) {
        return "n=0; for p in " + proc + "/[0-9]*/stat; do c=; { read c <$p; } 2>/dev/null;"
                + " case \"$c\" in *\") Z \"*|*\") X \"*) ;; *\" (stress-ng\"*|*\" (memStress\"*) n=$((n+1));; esac; done;";
    }

    /**
     * Two readings some two seconds apart.
     *
     * @param why there are none
     */
    record Pair(Optional<CgroupReading> first, Optional<CgroupReading> second, String why) {
        boolean complete() {
            return first.isPresent() && second.isPresent();
        }

        /** Processors that were busy in between. */
        double processors() {
            var from = first.orElseThrow();
            var until = second.orElseThrow();
            return (until.cpuSeconds - from.cpuSeconds) / Math.max(0.1, until.atSeconds - from.atSeconds);
        }

        double memoryBytes() {
            return second.orElseThrow().memoryBytes;
        }

        long oomKills() {
            return second.orElseThrow().oomKills;
        }

        int stressors() {
            return second.orElseThrow().stressors;
        }
    }

    static Pair read(Shell shell, PodView pod, String container) {
        var output = shell.run(pod, container, SCRIPT);
        return output.ran()
                ? new Pair(
                        parse(output.text(), "havoq1"),
                        parse(output.text(), "havoq2"),
                        "container " + container + " of " + pod.fullName() + " does not see its control group: "
                                + output.text().strip())
                : new Pair(Optional.empty(), Optional.empty(), output.text());
    }

    private static Optional<CgroupReading> parse(String text, String mark) {
        var values = new HashMap<String, Double>();
        for (var line : text.lines().toList()) {
            var words = line.strip().split(" ", -1);
            if (words.length == 3 && words[0].equals(mark) && words[2].matches("[0-9]+(\\.[0-9]+)?")) {
                values.put(words[1], Double.valueOf(words[2]));
            }
        }
        var cpu = values.containsKey("usage_usec")
                ? values.get("usage_usec") / 1e6
                : values.getOrDefault("cpu_ns", -1e9) / 1e9;
        return values.containsKey("at") && values.containsKey("memory") && cpu >= 0
                ? Optional.of(new CgroupReading(
                        values.get("at"),
                        cpu,
                        values.get("memory"),
                        values.getOrDefault("oom_kill", 0.0).longValue(),
                        values.getOrDefault("stressors", 0.0).intValue()))
                : Optional.empty();
    }
}
