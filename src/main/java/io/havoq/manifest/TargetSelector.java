package io.havoq.manifest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Chooses the targets of a manifest among candidates as Chaos Mesh does ({@code pkg/selector}), save that a choice is
 * repeatable: the same seed, manifest name and candidates give the same targets, whatever the candidates' order. What
 * would hit nothing is an error.
 */
public final class TargetSelector {
    private static final Comparator<Candidate> BY_NAME =
            Comparator.comparing(Candidate::name).thenComparing(Candidate::namespace);

    private TargetSelector() {}

    /**
     * Chooses the targets.
     *
     * @throws ManifestException if the manifest selects nothing; it lists the candidates and what excluded each
     */
    public static <C extends Candidate> Choice<C> select(ManifestDocument document, List<C> candidates, long seed) {
        return choose(document, candidates, seed, candidate -> true);
    }

    /**
     * Chooses the targets, preferred candidates first, e.g. the leader; the others make up the number that the mode asks
     * for.
     */
    public static <C extends Candidate> Choice<C> select(
            ManifestDocument document, List<C> candidates, long seed, Predicate<? super C> preferred) {
        return choose(document, candidates, seed, preferred);
    }

    /** Chooses the targets of a fault that stands in no file. */
    public static <C extends Candidate> Choice<C> select(ChaosSpec spec, List<C> candidates, long seed) {
        return select(ManifestDocument.of(spec), candidates, seed);
    }

    /** Chooses the targets of a fault that stands in no file, preferred candidates first. */
    public static <C extends Candidate> Choice<C> select(
            ChaosSpec spec, List<C> candidates, long seed, Predicate<? super C> preferred) {
        return select(ManifestDocument.of(spec), candidates, seed, preferred);
    }

    /**
     * Chooses the pods on the other side of a fault between pods, independently of its sources.
     *
     * @param sources who was chosen for the manifest's own selector
     * @return empty if the manifest names no target
     * @throws ManifestException if the target selects nothing, or a pod that is a source
     */
    public static <C extends Candidate> Optional<Choice<C>> selectTarget(
            ManifestDocument document, List<C> candidates, long seed, Choice<C> sources) {
        return document.spec().target().map(selection -> {
            var random = new SplittableRandom(seed ^ hash(document.spec().name() + "/target"));
            var choice = choose(document, "spec.target", selection, candidates, random, candidate -> true);
            refuseOverlap(document, sources.targets(), choice.targets());
            return choice;
        });
    }

    /** Chooses the pods on the other side of a fault that stands in no file. */
    public static <C extends Candidate> Optional<Choice<C>> selectTarget(
            ChaosSpec spec, List<C> candidates, long seed, Choice<C> sources) {
        return selectTarget(ManifestDocument.of(spec), candidates, seed, sources);
    }

    /**
     * Checks that nobody is source and target at once: Chaos Mesh leaves undefined what then happens.
     *
     * @throws ManifestException naming who is both
     */
    public static void refuseOverlap(
            ManifestDocument document, List<? extends Candidate> sources, List<? extends Candidate> targets) {
        var both = NetworkChaos.overlap(fullNames(sources), fullNames(targets));
        if (!both.isEmpty()) {
            throw problem(
                    document,
                    "spec.target",
                    "chose " + String.join(", ", both)
                            + ", which is also a source, and Chaos Mesh leaves undefined what then"
                            + " happens; the sources are " + names(sources) + ", the targets " + names(targets)
                            + ": expected two selectors that exclude each other");
        }
    }

    private static <C extends Candidate> Choice<C> choose(
            ManifestDocument document, List<C> candidates, long seed, Predicate<? super C> preferred) {
        var spec = document.spec();
        var random = new SplittableRandom(seed ^ hash(spec.name()));
        var choice = choose(document, "spec", spec.selection(), candidates, random, preferred);
        refuseUntouched(document, choice.targets());
        return choice;
    }

    private static <C extends Candidate> Choice<C> choose(
            ManifestDocument document,
            String path,
            Selection selection,
            List<C> candidates,
            SplittableRandom random,
            Predicate<? super C> preferred) {
        var selector = selection.selector();
        if (Criteria.none(selector)) {
            throw problem(document, path + ".selector", "is empty and would match every pod: expected e.g. labels");
        }
        var ordered = candidates.stream().sorted(BY_NAME).toList();
        refuseAbsentPods(document, path, selector, ordered);
        var matching = ordered.stream()
                .filter(candidate -> Criteria.excluding(selector, candidate).isEmpty())
                .toList();
        if (matching.isEmpty()) {
            throw problem(document, path + ".selector", "selects nothing: " + explain(selector, ordered));
        }
        if (path.equals("spec")) {
            refuseAbsentContainers(document, matching);
        }

        var count = count(selection.mode(), matching.size(), random);
        var drawn = shuffled(matching, random);
        var targets = new ArrayList<C>(drawn.stream().filter(preferred).toList());
        var preferredOnes = targets.size();
        drawn.stream().filter(preferred.negate()).forEach(targets::add);
        var chosen = targets.subList(0, count).stream().sorted(BY_NAME).toList();
        return new Choice<>(chosen, matching.size(), preferredOnes > 0);
    }

    /** How many of {@code matching} pods a mode takes: percentages round up ({@code pkg/selector/generic/mode.go}). */
    private static int count(Mode mode, int matching, SplittableRandom random) {
        if (mode instanceof Mode.One) {
            return 1;
        }
        if (mode instanceof Mode.Fixed fixed) {
            return Math.min(fixed.count(), matching);
        }
        if (mode instanceof Mode.FixedPercent share) {
            return share(matching, share.percent());
        }
        if (mode instanceof Mode.RandomMaxPercent share) {
            return share(matching, random.nextInt(1, share.percent() + 1));
        }
        return matching;
    }

    private static int share(int matching, int percent) {
        return Math.toIntExact(((long) matching * percent + 99) / 100);
    }

    private static <C> List<C> shuffled(List<C> ordered, SplittableRandom random) {
        var rest = new ArrayList<>(ordered);
        var drawn = new ArrayList<C>(ordered.size());
        while (!rest.isEmpty()) {
            drawn.add(rest.remove(random.nextInt(rest.size())));
        }
        return drawn;
    }

    /** FNV-1a, 64 bits: stable over Java versions and well spread over names that differ in one character. */
    private static long hash(String name) {
        var hash = 0xcbf29ce484222325L;
        for (var octet : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    /** Chaos Mesh skips a named pod that is not there without a word. */
    private static void refuseAbsentPods(
            ManifestDocument document, String path, Selector selector, List<? extends Candidate> candidates) {
        var present = candidates.stream().map(TargetSelector::fullName).collect(Collectors.toSet());
        var absent = new TreeSet<String>();
        selector.pods()
                .forEach((namespace, names) -> names.stream()
                        .map(name -> namespace + "/" + name)
                        .filter(name -> !present.contains(name))
                        .forEach(absent::add));
        if (!absent.isEmpty()) {
            throw problem(
                    document,
                    path + ".selector.pods",
                    "names what is not there: " + String.join(", ", absent) + "; " + present(candidates));
        }
    }

    /** Chaos Mesh skips a pod without such a container without a word. */
    private static void refuseAbsentContainers(ManifestDocument document, List<? extends Candidate> matching) {
        for (var container : document.spec().containerNames()) {
            if (matching.stream().noneMatch(candidate -> candidate.containers().contains(container))) {
                throw problem(
                        document,
                        "spec.containerNames",
                        "names '" + container + "', which no selected pod has; the containers of " + names(matching)
                                + " are " + containers(matching));
            }
        }
    }

    private static void refuseUntouched(ManifestDocument document, List<? extends Candidate> targets) {
        var wanted = document.spec().containerNames();
        for (var target : targets) {
            if (!wanted.isEmpty() && target.containers().stream().noneMatch(wanted::contains)) {
                throw problem(
                        document,
                        "spec.containerNames",
                        "names no container of " + fullName(target) + ", which was chosen; its containers are "
                                + containers(List.of(target)) + ": expected a selector that leaves it out");
            }
        }
    }

    private static ManifestException problem(ManifestDocument document, String field, String message) {
        return new ManifestException(
                List.of(new ManifestProblem(document.source(), document.line(field), field, message)));
    }

    private static String explain(Selector selector, List<? extends Candidate> candidates) {
        if (candidates.isEmpty()) {
            return "there are no candidates at all; is the cluster running?";
        }
        return candidates.size() + " candidates, all excluded (see " + ManifestSettings.NAMESPACE.key() + " and "
                + ManifestSettings.SELECTOR.key() + " for a cluster that is named otherwise)"
                + candidates.stream()
                        .map(candidate -> "\n    " + fullName(candidate) + " "
                                + new TreeMap<>(candidate.labels()) + " " + candidate.phase() + ": excluded by "
                                + String.join(", ", Criteria.excluding(selector, candidate)))
                        .collect(Collectors.joining());
    }

    private static String present(Collection<? extends Candidate> candidates) {
        return candidates.isEmpty()
                ? "there are no candidates at all; is the cluster running?"
                : "the candidates are " + names(candidates);
    }

    private static List<String> fullNames(Collection<? extends Candidate> candidates) {
        return candidates.stream().map(TargetSelector::fullName).toList();
    }

    private static String names(Collection<? extends Candidate> candidates) {
        return candidates.stream().map(TargetSelector::fullName).collect(Collectors.joining(", "));
    }

    private static String containers(Collection<? extends Candidate> candidates) {
        return candidates.stream()
                .flatMap(candidate -> candidate.containers().stream())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String fullName(Candidate candidate) {
        return candidate.namespace() + "/" + candidate.name();
    }
}
