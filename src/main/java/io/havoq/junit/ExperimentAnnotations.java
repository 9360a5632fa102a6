package io.havoq.junit;

import io.havoq.ChaosExperiment;
import io.havoq.Invariant;
import io.havoq.MeasuresThroughput;
import io.havoq.RecoveryObjective;
import io.havoq.Tolerates;
import io.havoq.Victim;
import io.havoq.experiment.ExperimentDefinition;
import io.havoq.recovery.Objective;
import io.havoq.time.GoDuration;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Reads an experiment's annotations, nearest first: method, class, enclosing classes; what is wrong is refused by name. */
final class ExperimentAnnotations {
    private static final Pattern INVOCATION = Pattern.compile("\\[test-template-invocation:#(\\d+)]");

    private ExperimentAnnotations() {}

    static ExperimentDefinition read(ExtensionContext context) {
        var elements = elements(context);
        var experiment = nearest(elements, ChaosExperiment.class)
                .orElseThrow(() -> new ExtensionConfigurationException(
                        "@ChaosExperiment is missing on " + context.getRequiredTestMethod()));
        for (var manifest : experiment.value()) {
            if (manifest.isBlank()) {
                throw new ExtensionConfigurationException(
                        "@ChaosExperiment names a blank manifest on " + context.getRequiredTestMethod()
                                + ": name a class path resource or file, or write {} for a baseline");
            }
        }
        if (AnnotationSupport.isAnnotated(context.getRequiredTestMethod(), TestFactory.class)) {
            // JUnit tells no extension how its dynamic tests ended: their failures would be missing from the verdict.
            throw new ExtensionConfigurationException("@TestFactory cannot be an experiment: "
                    + context.getRequiredTestMethod() + "; use @Test or @ParameterizedTest");
        }
        var testClass = context.getRequiredTestClass();
        return new ExperimentDefinition(
                context.getUniqueId(),
                label(context),
                testClass.getName(),
                context.getDisplayName(),
                context.getTags().stream().sorted().toList(),
                List.of(experiment.value()),
                nearest(elements, RecoveryObjective.class).map(ExperimentAnnotations::objective),
                tolerated(elements),
                nearest(elements, Victim.class).map(Victim::value),
                nearest(elements, MeasuresThroughput.class).isPresent());
    }

    private static String label(ExtensionContext context) {
        var label = new StringBuilder();
        var classes = new ArrayList<>(context.getEnclosingTestClasses());
        classes.add(context.getRequiredTestClass());
        for (var each : classes) {
            label.append(each.getSimpleName()).append('.');
        }
        label.append(context.getRequiredTestMethod().getName());
        var invocation = INVOCATION.matcher(context.getUniqueId());
        while (invocation.find()) {
            label.append('#').append(invocation.group(1));
        }
        return label.toString();
    }

    private static List<AnnotatedElement> elements(ExtensionContext context) {
        var elements = new ArrayList<AnnotatedElement>();
        elements.add(context.getRequiredTestMethod());
        elements.add(context.getRequiredTestClass());
        var enclosing = new ArrayList<AnnotatedElement>(context.getEnclosingTestClasses());
        Collections.reverse(enclosing);
        elements.addAll(enclosing);
        return elements;
    }

    private static <A extends Annotation> Optional<A> nearest(List<AnnotatedElement> elements, Class<A> type) {
        return elements.stream()
                .flatMap(element -> AnnotationSupport.findAnnotation(element, type).stream())
                .findFirst();
    }

    private static Objective objective(RecoveryObjective annotation) {
        var target = duration("target", annotation.target());
        var acceptable = duration("acceptable", annotation.acceptable());
        if (acceptable.compareTo(target) < 0) {
            throw new ExtensionConfigurationException("@RecoveryObjective acceptable = " + annotation.acceptable()
                    + " is shorter than target = " + annotation.target());
        }
        return new Objective(target, acceptable);
    }

    private static Duration duration(String name, String text) {
        try {
            var duration = GoDuration.parse(text);
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException("'" + text + "' is not more than 0");
            }
            return duration;
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException("@RecoveryObjective " + name + ": " + e.getMessage(), e);
        }
    }

    /** All of them count, from every level; the nearest reason stands. */
    private static Map<Invariant, String> tolerated(List<AnnotatedElement> elements) {
        var tolerated = new EnumMap<Invariant, String>(Invariant.class);
        for (var element : elements) {
            for (var annotation : AnnotationSupport.findRepeatableAnnotations(element, Tolerates.class)) {
                if (annotation.because().isBlank()) {
                    throw new ExtensionConfigurationException(
                            "@Tolerates(" + annotation.value() + ") gives no reason: because must not be blank");
                }
                tolerated.putIfAbsent(annotation.value(), annotation.because());
            }
        }
        return tolerated;
    }
}
