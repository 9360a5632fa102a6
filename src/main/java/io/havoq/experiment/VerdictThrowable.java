package io.havoq.experiment;

import io.havoq.InconclusiveException;
import io.havoq.Level;
import io.havoq.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** What the test throws for a verdict, so that JUnit, Allure and the summary agree. */
final class VerdictThrowable {
    private VerdictThrowable() {}

    /** @param unsupportedFails whether an unsupported experiment is red */
    static Optional<Throwable> of(Verdict verdict, List<Finding> findings, boolean acted, boolean unsupportedFails) {
        var text = verdict.word() + ":\n" + lines(verdict, findings, acted);
        var thrown =
                switch (verdict) {
                    case PASSED -> null;
                    case FAILED -> new AssertionFailedError(text);
                    case INCONCLUSIVE -> new InconclusiveException(text);
                    case UNSUPPORTED ->
                        unsupportedFails ? new InconclusiveException(text) : new TestAbortedException(text);
                };
        if (thrown != null) {
            findings.stream().flatMap(VerdictThrowable::cause).forEach(thrown::addSuppressed);
        }
        return Optional.ofNullable(thrown);
    }

    /** The reason in one text: what made the verdict first, then everything else that was found. */
    static String lines(Verdict verdict, List<Finding> findings, boolean acted) {
        var deciding = findings.stream().filter(f -> VerdictRule.of(f, acted) == verdict && !isWarning(f));
        var others = findings.stream().filter(f -> VerdictRule.of(f, acted) != verdict || isWarning(f));
        return Stream.concat(deciding, others).map(VerdictThrowable::line).collect(Collectors.joining("\n"));
    }

    private static boolean isWarning(Finding finding) {
        return finding instanceof Finding.Violated violated && violated.level() == Level.SHOULD;
    }

    private static String line(Finding finding) {
        if (finding instanceof Finding.Violated violated) {
            return "- " + violated.level() + " " + violated.check() + ": " + violated.message();
        }
        return (finding instanceof Finding.Unproven ? "- not shown: " : "- unsupported: ") + finding.message();
    }

    private static Stream<Throwable> cause(Finding finding) {
        if (finding instanceof Finding.Violated violated) {
            return violated.cause().stream();
        }
        return finding instanceof Finding.Unproven unproven ? unproven.cause().stream() : Stream.empty();
    }
}
