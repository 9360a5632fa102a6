package io.havoq.fault.local.syscall;

import io.havoq.manifest.PathPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What happens to a node's system calls while a fault is in force.
 *
 * @param calls which
 * @param methods what they must be an instance of; empty: whatever they are
 * @param volume the directory that the files must be below; empty: any file
 * @param mountPath as what the volume is mounted in a container; what the pattern begins with
 * @param pattern which files of the volume; empty: all of them
 * @param percent how many of the calls
 * @param delay how long they take longer; zero: not at all
 * @param errno what they fail with; 0: they are carried out
 * @param times how many fail at most; empty: all
 */
record CallRule(
        Set<SystemCall> calls,
        Set<String> methods,
        Optional<String> volume,
        String mountPath,
        Optional<PathPattern> pattern,
        int percent,
        Duration delay,
        int errno,
        Optional<Integer> times) {
    private static final String NONE = "";

    CallRule {
        calls = Set.copyOf(calls);
        methods = Set.copyOf(methods);
    }

    /** Whether a file is meant. */
    boolean meant(String path) {
        if (volume.isEmpty()) {
            return true;
        }
        var root = volume.get();
        if (!path.startsWith(root) || (path.length() > root.length() && path.charAt(root.length()) != '/')) {
            return false;
        }
        return pattern.map(glob -> glob.matches(mountPath + path.substring(root.length())))
                .orElse(true);
    }

    List<String> words() {
        return new ArrayList<>(List.of(
                calls.stream().map(SystemCall::text).sorted().collect(Collectors.joining(",")),
                methods.stream().sorted().collect(Collectors.joining(",")),
                volume.orElse(NONE),
                mountPath,
                pattern.map(PathPattern::text).orElse(NONE),
                Integer.toString(percent),
                Long.toString(delay.toNanos()),
                Integer.toString(errno),
                times.map(String::valueOf).orElse(NONE)));
    }

    static CallRule of(List<String> words) {
        return new CallRule(
                split(words.get(0)).stream()
                        .map(name -> SystemCall.of(name).orElseThrow())
                        .collect(Collectors.toSet()),
                split(words.get(1)),
                Optional.of(words.get(2)).filter(text -> !text.isEmpty()),
                words.get(3),
                Optional.of(words.get(4)).filter(text -> !text.isEmpty()).map(PathPattern::new),
                Integer.parseInt(words.get(5)),
                Duration.ofNanos(Long.parseLong(words.get(6))),
                Integer.parseInt(words.get(7)),
                Optional.of(words.get(8)).filter(text -> !text.isEmpty()).map(Integer::valueOf));
    }

    private static Set<String> split(String text) {
        return text.isEmpty() ? Set.of() : new TreeSet<>(List.of(text.split(",")));
    }
}
