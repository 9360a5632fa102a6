package io.havoq.manifest;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Disturbs packets between pods. The <em>sources</em> are the pods of {@link #selection}, the <em>targets</em> those of
 * {@link #target} and {@link #externalTargets}; where there are neither, everybody.
 *
 * <p>What the directions mean (Chaos Mesh {@code controllers/chaosimpl/networkchaos}): {@code to} hits packets that leave a
 * source for a target, {@code from} packets that leave a target for a source, {@code both} both. Everything but a partition
 * acts where packets leave; a partition drops them at both ends. Packets among sources, and among targets, pass. A
 * partition also cuts the target pods off from the external targets.
 *
 * @param target the same pod must not be source and target ({@link #overlap}); may be absent with direction {@code to} and
 *     with a partition
 * @param externalTargets addresses outside of the cluster: IPv4 addresses, networks ({@code 10.0.0.0/8}) or names, each
 *     with or without a port
 * @param device the network device in the source pods; absent: Chaos Mesh takes {@code eth0}, and every device for a partition
 * @param netem what happens to packets; none with the actions {@code partition} and {@code bandwidth}
 * @param bandwidth with the action {@code bandwidth} only
 */
public record NetworkChaos(
        String name,
        Action networkAction,
        Selection selection,
        Direction direction,
        Optional<Selection> target,
        List<String> externalTargets,
        Optional<String> device,
        Netem netem,
        Optional<Bandwidth> bandwidth,
        Optional<Duration> duration)
        implements ChaosSpec {

    /** Copies the targets, and refuses figures that do not belong to the action. */
    public NetworkChaos {
        externalTargets = List.copyOf(externalTargets);
        if (netem.isNone() != (networkAction == Action.PARTITION || networkAction == Action.BANDWIDTH)
                || bandwidth.isPresent() != (networkAction == Action.BANDWIDTH)) {
            throw new IllegalArgumentException(
                    "NetworkChaos '" + name + "': action " + networkAction.text() + " does not fit " + netem
                            + " and bandwidth " + bandwidth + ": expected exactly what the action does");
        }
    }

    /** Sources and targets do not reach each other; with {@code to} or {@code from} in one direction only. */
    public static NetworkChaos partition(String name, Selection sources, Direction direction, Selection targets) {
        return partition(name, sources, direction, Optional.of(targets));
    }

    /** The sources reach nobody, each other neither, and nobody reaches them; with {@code to} or {@code from} in one direction only. */
    public static NetworkChaos partition(String name, Selection sources, Direction direction) {
        return partition(name, sources, direction, Optional.empty());
    }

    private static NetworkChaos partition(
            String name, Selection sources, Direction direction, Optional<Selection> targets) {
        return new NetworkChaos(
                name,
                Action.PARTITION,
                sources,
                direction,
                targets,
                List.of(),
                Optional.empty(),
                Netem.NONE,
                Optional.empty(),
                Optional.empty());
    }

    /** Packets are disturbed; the action is {@code netem}. */
    public static NetworkChaos netem(
            String name, Selection sources, Direction direction, Optional<Selection> targets, Netem netem) {
        return new NetworkChaos(
                name,
                Action.NETEM,
                sources,
                direction,
                targets,
                List.of(),
                Optional.empty(),
                netem,
                Optional.empty(),
                Optional.empty());
    }

    /** The link is slow. */
    public static NetworkChaos bandwidth(
            String name, Selection sources, Direction direction, Optional<Selection> targets, Bandwidth bandwidth) {
        return new NetworkChaos(
                name,
                Action.BANDWIDTH,
                sources,
                direction,
                targets,
                List.of(),
                Optional.empty(),
                Netem.NONE,
                Optional.of(bandwidth),
                Optional.empty());
    }

    /** {@code spec.action}. There is no action for {@code rate}: it is a part of {@link #NETEM}. */
    public enum Action {
        NETEM("netem"),
        DELAY("delay"),
        LOSS("loss"),
        DUPLICATE("duplicate"),
        CORRUPT("corrupt"),
        PARTITION("partition"),
        BANDWIDTH("bandwidth");

        private final String text;

        Action(String text) {
            this.text = text;
        }

        /** As a manifest writes it. */
        public String text() {
            return text;
        }
    }

    /** {@code spec.direction}: which way the packets go that are hit, as seen from the sources. */
    public enum Direction {
        TO("to"),
        FROM("from"),
        BOTH("both");

        private final String text;

        Direction(String text) {
            this.text = text;
        }

        /** As a manifest writes it. */
        public String text() {
            return text;
        }

        /** Whether packets from a source to a target are hit. */
        public boolean hitsLeaving() {
            return this != FROM;
        }

        /** Whether packets from a target to a source are hit. */
        public boolean hitsArriving() {
            return this != TO;
        }
    }

    /** Who is source and target at once, by name, ordered: must be nobody. */
    public static List<String> overlap(Collection<String> sourceNames, Collection<String> targetNames) {
        return sourceNames.stream()
                .filter(targetNames::contains)
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public String kind() {
        return "NetworkChaos";
    }

    @Override
    public String action() {
        return networkAction.text();
    }

    /** Empty: the containers of a pod share its network. */
    @Override
    public List<String> containerNames() {
        return List.of();
    }

    @Override
    public NetworkChaos withSelection(Selection other) {
        return new NetworkChaos(
                name, networkAction, other, direction, target, externalTargets, device, netem, bandwidth, duration);
    }

    /** The same fault towards other pods. */
    public NetworkChaos withTarget(Selection other) {
        return new NetworkChaos(
                name,
                networkAction,
                selection,
                direction,
                Optional.of(other),
                externalTargets,
                device,
                netem,
                bandwidth,
                duration);
    }

    /** The same fault, at most for this long. */
    public NetworkChaos withDuration(Duration other) {
        return new NetworkChaos(
                name,
                networkAction,
                selection,
                direction,
                target,
                externalTargets,
                device,
                netem,
                bandwidth,
                Optional.of(other));
    }
}
