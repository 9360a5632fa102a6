package io.havoq;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The directions of the packages. {@link #MAY_USE} is the map: what is not in it is not allowed, and a new package has to
 * be entered. The package {@code io.havoq} falls into three parts: the vocabulary that results are written in, the
 * annotations, which name the extension, and the rest of what test authors touch.
 */
class ArchitectureTest {
    private static final String ROOT = "io.havoq";
    private static final Set<String> VOCABULARY = Set.of("io.havoq.Invariant", "io.havoq.Level", "io.havoq.Verdict");

    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("time", Set.of()),
            Map.entry("vocabulary", Set.of()),
            Map.entry("settings", Set.of("time")),
            Map.entry("manifest", Set.of("settings", "time")),
            Map.entry("journal", Set.of("settings", "time")),
            Map.entry("ledger", Set.of("vocabulary", "settings", "time")),
            Map.entry("report", Set.of("vocabulary", "ledger", "settings", "time")),
            // the engine is handed targets, the environment hands out the engine: the one pair that is allowed both
            // ways
            Map.entry("fault", Set.of("environment", "manifest", "settings", "time")),
            Map.entry("environment", Set.of("fault", "manifest", "settings", "time")),
            Map.entry(
                    "environment.k3s",
                    Set.of(
                            "environment",
                            "environment.kubernetes",
                            "fault",
                            "journal",
                            "manifest",
                            "settings",
                            "time")),
            Map.entry("runner", Set.of("report", "settings")),
            Map.entry("mqtt", Set.of("environment", "ledger", "settings", "time")),
            Map.entry("workload", Set.of("environment", "journal", "ledger", "mqtt", "settings", "time")),
            Map.entry(
                    "recovery",
                    Set.of("vocabulary", "environment", "ledger", "manifest", "mqtt", "report", "settings", "time")),
            Map.entry("broker", Set.of("environment", "settings", "time")),
            Map.entry("broker.reference", Set.of()),
            Map.entry("fault.local", Set.of("environment", "fault", "journal", "manifest", "settings", "time")),
            Map.entry("fault.chaosmesh", Set.of("environment", "fault", "manifest", "settings", "time")),
            Map.entry(
                    "environment.local",
                    Set.of("broker", "environment", "fault", "fault.local", "journal", "manifest", "settings", "time")),
            Map.entry(
                    "environment.kubernetes",
                    Set.of("broker", "environment", "fault", "fault.chaosmesh", "manifest", "settings", "time")),
            Map.entry(
                    "api",
                    Set.of(
                            "vocabulary",
                            "annotations",
                            "environment",
                            "ledger",
                            "manifest",
                            "mqtt",
                            "recovery",
                            "report",
                            "settings",
                            "time",
                            "workload")),
            // @ExtendWith has to name the extension, which reads the annotations
            Map.entry("annotations", Set.of("vocabulary", "environment", "junit")),
            Map.entry(
                    "experiment",
                    Set.of(
                            "vocabulary",
                            "annotations",
                            "api",
                            "broker",
                            "environment",
                            "environment.kubernetes",
                            "environment.k3s",
                            "environment.local",
                            "fault",
                            "fault.chaosmesh",
                            "journal",
                            "ledger",
                            "manifest",
                            "mqtt",
                            "recovery",
                            "report",
                            "settings",
                            "time",
                            "workload")),
            Map.entry(
                    "junit",
                    Set.of(
                            "vocabulary",
                            "annotations",
                            "api",
                            "environment",
                            "experiment",
                            "ledger",
                            "manifest",
                            "mqtt",
                            "recovery",
                            "report",
                            "settings",
                            "time",
                            "workload")));

    private static final Set<List<String>> BOTH_WAYS =
            Set.of(List.of("fault", "environment"), List.of("annotations", "junit"));

    /** Of a wide package, the types that a narrow one may use. */
    private static final Map<List<String>, Set<String>> ONLY = Map.of(
            List.of("fault", "environment"),
            Set.of("io.havoq.environment.Target"),
            List.of("fault.chaosmesh", "environment"),
            Set.of("io.havoq.environment.Target"),
            List.of("annotations", "environment"),
            Set.of("io.havoq.environment.Role"),
            List.of("mqtt", "environment"),
            Set.of(
                    "io.havoq.environment.MqttEndpoint",
                    "io.havoq.environment.MqttTls",
                    "io.havoq.environment.Credentials"),
            List.of("workload", "environment"),
            Set.of(
                    "io.havoq.environment.MqttEndpoint",
                    "io.havoq.environment.MqttTls",
                    "io.havoq.environment.Credentials"));

    private static JavaClasses havoq;

    @BeforeAll
    static void read() {
        // the compiled classes only: neither the tests nor the class path
        havoq = new ClassFileImporter().importPath(Path.of("target/classes"));
    }

    static Set<String> parts() {
        return new TreeSet<>(MAY_USE.keySet());
    }

    @Test
    void everyPackageIsInTheMap() {
        assertThat(havoq.stream().map(ArchitectureTest::part)).isNotEmpty().isSubsetOf(MAY_USE.keySet());
    }

    @ParameterizedTest
    @MethodSource("parts")
    void usesOnlyWhatItMay(String part) {
        var forbidden = new TreeSet<String>();
        for (var origin : havoq) {
            if (part(origin).equals(part)) {
                origin.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> !allowed(part, dependency))
                        .map(Dependency::getDescription)
                        .forEach(forbidden::add);
            }
        }
        assertThat(forbidden).as("%s may use %s", part, MAY_USE.get(part)).isEmpty();
    }

    @Test
    void theMapHasNoCycleButThePairsThatAreListed() {
        var done = new HashSet<String>();
        for (var part : parts()) {
            refuseCycles(part, new ArrayList<>(), done);
        }
        assertThat(done).isEqualTo(MAY_USE.keySet());
    }

    @Test
    void onlyTheLocalEngineCallsNativeCode() {
        noClasses()
                .that(not(resideInAPackage("io.havoq.fault.local..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.sun.jna..")
                .check(havoq);
    }

    @Test
    void onlyTheReferenceBrokerUsesRatisAndNetty() {
        noClasses()
                .that(not(resideInAPackage("io.havoq.broker.reference..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.ratis..", "io.netty..", "org.slf4j..")
                .because("they are not on the class path of those who use Havoq with another broker")
                .check(havoq);
    }

    @Test
    void nothingWaitsByThreadSleep() {
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class)
                .orShould()
                .callMethodWhere(sleepOfTimeUnit())
                .because("a wait has a condition and a bound: use a lock, a latch or Awaitility")
                .check(havoq);
    }

    @Test
    void nothingUsesJavaUtilLogging() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .check(havoq);
    }

    @Test
    void onlyProgramsEndTheProcess() {
        noClasses()
                .that(not(programs()))
                .and(not(resideInAPackage("io.havoq.broker.reference..")))
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .because(
                        "a library must not end the JVM of its users' tests; the reference broker is a program of its own")
                .check(havoq);
    }

    @Test
    void everyPackageDeclaresItsNullness() {
        classes()
                .that()
                .haveSimpleName("package-info")
                .should()
                .beAnnotatedWith("org.jspecify.annotations.NullMarked")
                .check(havoq);
        var declared = new HashSet<String>();
        var packages = new HashSet<String>();
        for (var type : havoq) {
            (type.getSimpleName().equals("package-info") ? declared : packages).add(type.getPackageName());
        }
        assertThat(declared).containsAll(packages);
    }

    private static boolean allowed(String from, Dependency dependency) {
        var target = dependency.getTargetClass().getBaseComponentType();
        if (!target.getPackageName().equals(ROOT) && !target.getPackageName().startsWith(ROOT + ".")) {
            return true;
        }
        var to = part(target);
        var only = ONLY.get(List.of(from, to));
        return to.equals(from)
                || (MAY_USE.get(from).contains(to) && (only == null || only.contains(outermost(target))));
    }

    private static String part(JavaClass type) {
        var name = type.getPackageName();
        if (name.equals(ROOT)) {
            if (VOCABULARY.contains(outermost(type))) {
                return "vocabulary";
            }
            return type.isAnnotation() ? "annotations" : "api";
        }
        var part = name.substring(ROOT.length() + 1);
        // what lies below the local engine and the reference broker is their own affair
        return List.of("fault.local", "broker.reference").stream()
                .filter(whole -> part.startsWith(whole + "."))
                .findFirst()
                .orElse(part);
    }

    private static String outermost(JavaClass type) {
        var name = type.getName();
        var dollar = name.indexOf('$');
        return dollar < 0 ? name : name.substring(0, dollar);
    }

    private static void refuseCycles(String part, List<String> path, Set<String> done) {
        assertThat(path).as("a cycle through %s", part).doesNotContain(part);
        if (done.contains(part)) {
            return;
        }
        path.add(part);
        for (var next : MAY_USE.get(part)) {
            if (!BOTH_WAYS.contains(List.of(part, next))) {
                refuseCycles(next, path, done);
            }
        }
        path.remove(path.size() - 1);
        done.add(part);
    }

    private static DescribedPredicate<JavaMethodCall> sleepOfTimeUnit() {
        return DescribedPredicate.describe(
                "TimeUnit.sleep",
                call -> call.getTargetOwner().isEquivalentTo(TimeUnit.class)
                        && call.getName().equals("sleep"));
    }

    private static DescribedPredicate<JavaClass> programs() {
        return DescribedPredicate.describe(
                "programs", type -> type.tryGetMethod("main", String[].class).isPresent());
    }
}
