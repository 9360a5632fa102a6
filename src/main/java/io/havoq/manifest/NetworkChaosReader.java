package io.havoq.manifest;

import io.havoq.manifest.NetworkChaos.Action;
import io.havoq.manifest.NetworkChaos.Direction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the spec of a NetworkChaos (Chaos Mesh {@code api/v1alpha1/networkchaos_types.go}, {@code networkchaos_webhook.go},
 * {@code controllers/chaosimpl/networkchaos}, {@code pkg/chaosdaemon/tc_server.go}).
 */
final class NetworkChaosReader {
    private static final List<String> ACTIONS =
            Arrays.stream(Action.values()).map(Action::text).toList();
    private static final List<String> DIRECTIONS =
            Arrays.stream(Direction.values()).map(Direction::text).toList();
    private static final List<String> SECTIONS = List.of("delay", "loss", "duplicate", "corrupt", "rate");

    private static final TextRule ACTION = text -> switch (text) {
        case "rate" ->
            Optional.of("is no action, Chaos Mesh's schema refuses it: expected action netem with a section 'rate'");
        case "reorder" -> Optional.of("is no action: expected action delay with 'reorder' within the section 'delay'");
        default -> TextRule.oneOf(ACTIONS).complaint(text);
    };

    private static final Pattern DEVICE = Pattern.compile("[^\\s/@:]{1,15}");
    private static final TextRule DEVICE_NAME = text -> DEVICE.matcher(text).matches()
            ? Optional.empty()
            : Optional.of("is not the name of a network device: expected e.g. eth0, at most 15 characters");

    private static final Map<String, String> UNWANTED = Map.of(
            "remoteCluster",
            "is not supported: Havoq injects into one cluster",
            "targetDevice",
            "is not supported: leave it out, the targets' device is then eth0, and every device for a partition",
            "containerNames",
            "is dropped by Chaos Mesh, the containers of a pod share its network: remove it",
            "netem",
            "is an action and no section: expected delay, loss, duplicate, corrupt or rate directly below spec",
            "partition",
            "is an action and has no section: remove it",
            "reorder",
            "is dropped by Chaos Mesh here: expected it within the section 'delay'");

    private NetworkChaosReader() {}

    static Optional<ChaosSpec> read(Fields spec, String name, String namespace) {
        spec.require("action", Words.orList(ACTIONS));
        var action = spec.text("action", ACTION).map(NetworkChaosReader::action);
        var selection = SelectionReader.read(spec, namespace);
        var direction = spec.text("direction", TextRule.oneOf(DIRECTIONS)).map(NetworkChaosReader::direction);
        var target = spec.mapping("target").flatMap(fields -> target(fields, namespace));
        var external = spec.texts("externalTargets", ExternalTarget.RULE);
        var device = spec.text("device", DEVICE_NAME);
        var netem = NetemReader.read(spec);
        var bandwidth = BandwidthReader.read(spec);
        var duration = spec.duration("duration");
        spec.refuseOthers(UNWANTED);
        action.ifPresent(given -> {
            checkSections(spec, given);
            checkDirection(spec, given, direction.orElse(Direction.TO));
        });
        selection.ifPresent(sources -> target.ifPresent(targets -> refuseSamePods(spec, sources, targets)));
        // figures that do not fit the action are problems by now
        return spec.hasProblems()
                ? Optional.empty()
                : action.flatMap(given -> selection.map(sources -> new NetworkChaos(
                        name,
                        given,
                        sources,
                        direction.orElse(Direction.TO),
                        target,
                        external,
                        device,
                        netem,
                        bandwidth,
                        duration)));
    }

    private static Optional<Selection> target(Fields fields, String namespace) {
        var selection = SelectionReader.read(fields, namespace);
        fields.refuseOthers(Map.of(
                "direction", "belongs directly below spec: move it there",
                "externalTargets", "belongs directly below spec: move it there",
                "device", "belongs directly below spec: move it there"));
        return selection;
    }

    private static void checkSections(Fields spec, Action action) {
        switch (action) {
            case NETEM -> {
                if (SECTIONS.stream().noneMatch(spec::has)) {
                    spec.problem(
                            "action",
                            "'netem' without any of " + Words.orList(SECTIONS)
                                    + " does nothing: expected at least one such section");
                }
                refuseIgnored(spec, List.of("bandwidth"), action);
            }
            case DELAY, LOSS, DUPLICATE, CORRUPT -> {
                spec.require(action.text(), "what action " + action.text() + " does, " + example(action));
                SECTIONS.stream()
                        .filter(section -> !section.equals(action.text()) && spec.has(section))
                        .forEach(section -> spec.problem(
                                section,
                                "is applied by Chaos Mesh too, whatever the action says (mergeNetem): expected action netem"
                                        + " for a combination, or no such section with action " + action.text()));
                refuseIgnored(spec, List.of("bandwidth"), action);
            }
            case BANDWIDTH -> {
                spec.require("bandwidth", "what action bandwidth does, rate, limit and buffer");
                refuseIgnored(spec, SECTIONS, action);
            }
            case PARTITION -> {
                refuseIgnored(spec, SECTIONS, action);
                refuseIgnored(spec, List.of("bandwidth"), action);
            }
        }
    }

    private static void refuseIgnored(Fields spec, List<String> sections, Action action) {
        sections.stream()
                .filter(spec::has)
                .forEach(section -> spec.problem(
                        section,
                        "is ignored by Chaos Mesh with action " + action.text() + ": remove it or change the action"));
    }

    private static String example(Action action) {
        return action == Action.DELAY ? "e.g. latency: 100ms" : "e.g. " + action.text() + ": \"20\"";
    }

    /** Everything but a partition is done by tc, where packets leave; so for packets from the targets these must be pods. */
    private static void checkDirection(Fields spec, Action action, Direction direction) {
        if (action == Action.PARTITION || direction == Direction.TO) {
            return;
        }
        if (spec.has("externalTargets")) {
            spec.problem(
                    "externalTargets",
                    "cannot be used with direction " + direction.text() + " and action " + action.text()
                            + ", Chaos Mesh refuses it: expected direction to, or 'target'");
        } else if (!spec.has("target")) {
            spec.problem(
                    "direction",
                    "'" + direction.text() + "' without a target is refused by Chaos Mesh with action " + action.text()
                            + ": expected 'target' (the pods on the other side), or direction to");
        } else if (direction == Direction.FROM && spec.has("device")) {
            spec.problem(
                    "device",
                    "is ignored by Chaos Mesh with direction from and action " + action.text()
                            + ", which acts in the target pods: remove it");
        }
    }

    private static void refuseSamePods(Fields spec, Selection sources, Selection targets) {
        if (sources.selector().mayShare(targets.selector())) {
            spec.problem(
                    "target",
                    "selects pods that the source selects too, which Chaos Mesh leaves undefined: expected two selectors that"
                            + " exclude each other, e.g. by expressionSelectors In and NotIn of the same label");
        }
    }

    private static Action action(String text) {
        return Arrays.stream(Action.values())
                .filter(action -> action.text().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private static Direction direction(String text) {
        return Arrays.stream(Direction.values())
                .filter(direction -> direction.text().equals(text))
                .findFirst()
                .orElseThrow();
    }
}
