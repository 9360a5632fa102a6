package io.havoq.manifest;

import io.havoq.manifest.IoChaos.Effect;
import io.havoq.time.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the spec of an IOChaos (Chaos Mesh {@code api/v1alpha1/iochaos_types.go}, {@code podiochaos_types.go}). */
final class IoChaosReader {
    private static final List<String> ACTIONS = List.of("latency", "fault", "attrOverride", "mistake");
    private static final List<String> NUMBERS = List.of("ino", "size", "blocks", "perm", "nlink", "uid", "gid", "rdev");
    private static final List<String> TIMES = List.of("atime", "mtime", "ctime");
    private static final List<String> KINDS =
            List.of("namedPipe", "charDevice", "blockDevice", "directory", "regularFile", "symlink", "socket");
    private static final List<String> FILLINGS = List.of("zero", "random");
    private static final Map<String, String> SECTIONS = Map.of(
            "latency", "delay",
            "fault", "errno",
            "attrOverride", "attr",
            "mistake", "mistake");

    private static final TextRule ACTION = text -> switch (text) {
        case "delay" -> Optional.of("is of Chaos Mesh 1: expected latency");
        case "errno" -> Optional.of("is of Chaos Mesh 1: expected fault");
        case "mixed", "mixed-read-write" ->
            Optional.of("is no action, Chaos Mesh's schema refuses it: expected latency or fault, with 'methods'");
        default -> TextRule.oneOf(ACTIONS).complaint(text);
    };

    private static final TextRule METHOD = text -> text.equals(text.toLowerCase(java.util.Locale.ROOT))
            ? TextRule.oneOf(IoChaos.METHODS).complaint(text)
            : Optional.of("has capital letters, so that Chaos Mesh's toda does not know it: expected e.g. read");

    private static final TextRule VOLUME = text -> {
        var complaint = PathPattern.RULE.complaint(text);
        if (complaint.isPresent()) {
            return Optional.of("is no directory of a container: expected an absolute path, e.g. /data");
        }
        if (!new PathPattern(text).literal()) {
            return Optional.of("has wildcards: expected the mount point of a volume, and the wildcards in 'path'");
        }
        return text.equals("/") || text.endsWith("/")
                ? Optional.of("ends in '/': expected the mount point of a volume without it, e.g. /data")
                : Optional.empty();
    };

    private static final TextRule DELAY = text -> {
        try {
            return GoDuration.parse(text).compareTo(Duration.ZERO) > 0
                    ? Optional.empty()
                    : Optional.of("is no delay: expected more than 0, e.g. 100ms");
        } catch (IllegalArgumentException e) {
            return Optional.of("is no duration: expected e.g. 100ms, 1.5s or 1m");
        }
    };

    private static final Map<String, String> UNWANTED = Map.of(
            "remoteCluster", "is not supported: Havoq injects into one cluster",
            "containerName", "is dropped by Chaos Mesh since 2.0: expected 'containerNames', a list",
            "layer", "is of Chaos Mesh 1 and dropped since 2.0: remove it",
            "addr", "is of Chaos Mesh 1 and dropped since 2.0: remove it",
            "latency", "is an action and no field: expected 'delay'");

    private IoChaosReader() {}

    static Optional<ChaosSpec> read(Fields spec, String name, String namespace) {
        spec.require("action", Words.orList(ACTIONS));
        var action = spec.text("action", ACTION);
        var selection = SelectionReader.read(spec, namespace);
        var containerNames = spec.texts("containerNames", TextRule.DNS_LABEL);
        spec.require("volumePath", "the mount point of a volume, e.g. /data");
        var volumePath = spec.text("volumePath", VOLUME);
        var path = spec.text("path", PathPattern.RULE).map(PathPattern::new);
        var methods = spec.texts("methods", METHOD);
        var percent = spec.number("percent", 1, 100).map(Long::intValue);
        var delay = spec.text("delay", DELAY).map(GoDuration::parse);
        // Linux knows errors up to 4095, include/linux/err.h; Chaos Mesh refuses 0 with action fault
        var errno = spec.number("errno", 1, 4095).map(Long::intValue);
        var attr = spec.mapping("attr").map(IoChaosReader::attributes);
        var mistake = spec.mapping("mistake").flatMap(IoChaosReader::mistake);
        var duration = spec.duration("duration");
        spec.refuseOthers(UNWANTED);
        action.ifPresent(given -> checkSections(spec, given));
        path.ifPresent(files -> volumePath.ifPresent(volume -> {
            if (!files.text().startsWith(volume + "/")) {
                spec.problem(
                        "path",
                        "'" + files + "' is not below the volume " + volume
                                + ", so that nothing would be hit: expected a path that begins with " + volume + "/");
            }
        }));
        if (spec.hasProblems()) {
            return Optional.empty();
        }
        return action.flatMap(given -> switch (given) {
                    case "latency" -> delay.map(Effect.Latency::new);
                    case "fault" -> errno.map(Effect.Fault::new);
                    case "attrOverride" -> attr;
                    default -> mistake;
                })
                .flatMap(effect -> selection.flatMap(pods -> volumePath.map(volume -> new IoChaos(
                        name, effect, pods, containerNames, volume, path, methods, percent.orElse(100), duration))));
    }

    private static void checkSections(Fields spec, String action) {
        var own = SECTIONS.get(action);
        spec.require(
                own,
                "what action " + action + " does, e.g. "
                        + switch (action) {
                            case "latency" -> "100ms";
                            case "fault" -> "5, which is EIO";
                            case "attrOverride" -> "perm: 72";
                            default -> "filling: zero";
                        });
        SECTIONS.values().stream()
                .filter(section -> !section.equals(own) && spec.has(section))
                .sorted()
                .forEach(section -> spec.problem(
                        section,
                        "is ignored by Chaos Mesh with action " + action + ": remove it or change the action"));
    }

    private static Effect attributes(Fields attr) {
        var numbers = new TreeMap<String, Long>();
        NUMBERS.forEach(field ->
                attr.number(field, 0, 999_999_999_999_999_999L).ifPresent(number -> numbers.put(field, number)));
        var times = new TreeMap<String, Instant>();
        TIMES.forEach(field -> attr.mapping(field).ifPresent(time -> {
            time.require("sec", "seconds since 1970");
            time.require("nsec", "nanoseconds, 0 to 999999999");
            var seconds = time.number("sec", 0, 999_999_999_999L);
            var nanos = time.number("nsec", 0, 999_999_999L);
            time.refuseOthers(Map.of());
            seconds.ifPresent(whole -> nanos.ifPresent(part -> times.put(field, Instant.ofEpochSecond(whole, part))));
        }));
        var kind = attr.text("kind", TextRule.oneOf(KINDS));
        attr.refuseOthers(Map.of());
        if (attr.isEmpty()) {
            attr.problemHere("is empty, so that nothing would change: expected e.g. perm: 72");
        }
        return new Effect.AttrOverride(numbers, times, kind);
    }

    private static Optional<Effect> mistake(Fields mistake) {
        mistake.require("filling", Words.orList(FILLINGS));
        mistake.require("maxOccurrences", "a whole number of 1 or more");
        mistake.require("maxLength", "a whole number of 1 or more, in bytes");
        var filling = mistake.text("filling", TextRule.oneOf(FILLINGS));
        var occurrences = mistake.number("maxOccurrences", 1, Integer.MAX_VALUE);
        var length = mistake.number("maxLength", 1, Integer.MAX_VALUE);
        mistake.refuseOthers(Map.of());
        return filling.flatMap(
                bytes -> occurrences.flatMap(often -> length.map(most -> new Effect.Mistake(bytes, often, most))));
    }
}
