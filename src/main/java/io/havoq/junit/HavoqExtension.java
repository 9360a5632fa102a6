package io.havoq.junit;

import io.havoq.Cluster;
import io.havoq.Experiment;
import io.havoq.Workload;
import io.havoq.experiment.ExperimentLife;
import io.havoq.experiment.Run;
import io.havoq.mqtt.MqttClients;
import io.havoq.settings.Settings;
import java.lang.reflect.Method;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.util.ExceptionUtils;

/**
 * Translates JUnit's callbacks into the life of an experiment. Registered by {@code @ChaosExperiment}.
 *
 * <p>What the test body throws is kept and judged together with everything else, in {@code afterTestExecution}: JUnit
 * would otherwise report the first exception's kind, whatever the verdict. The run lives in the root store, so that JUnit
 * closes it at the end of the whole execution; experiments live in the run, since a method's store is closed before the
 * watcher's callbacks, which alone know how JUnit saw the test in the end.
 */
public final class HavoqExtension
        implements BeforeEachCallback,
                BeforeTestExecutionCallback,
                InvocationInterceptor,
                TestExecutionExceptionHandler,
                AfterTestExecutionCallback,
                AfterEachCallback,
                TestWatcher,
                ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(HavoqExtension.class);

    /** For JUnit. */
    public HavoqExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        var definition = ExperimentAnnotations.read(context);
        run(context).experiment(definition).prepare();
    }

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        life(context).begin();
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceedIfBegun(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceedIfBegun(invocation, context);
    }

    private static void proceedIfBegun(Invocation<Void> invocation, ExtensionContext context) throws Throwable {
        if (life(context).bodyMayRun()) {
            invocation.proceed();
            // Here, so that the test's time-out counts for it, too; not where the body threw.
            life(context).hold();
        } else {
            invocation.skip();
        }
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown) {
        life(context).bodyThrew(thrown);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        life(context).end().ifPresent(ExceptionUtils::throwAsUncheckedException);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        run(context).life(context.getUniqueId()).ifPresent(ExperimentLife::close);
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        conclude(context, Optional.empty());
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        conclude(context, Optional.of(cause));
    }

    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        conclude(context, Optional.of(cause));
    }

    private static void conclude(ExtensionContext context, Optional<Throwable> seenByJunit) {
        run(context).conclude(context.getUniqueId(), seenByJunit);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == Experiment.class || type == Workload.class || type == Cluster.class || type == MqttClients.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        var life = life(context);
        if (type == Experiment.class) {
            return life.experiment();
        }
        if (type == Workload.class) {
            return life.workload();
        }
        return type == Cluster.class ? life.cluster() : life.clients();
    }

    private static ExperimentLife life(ExtensionContext context) {
        return run(context)
                .life(context.getUniqueId())
                .orElseThrow(
                        () -> new IllegalStateException(
                                "no experiment is under way for " + context.getDisplayName()
                                        + ": its parameters are available in @BeforeEach, the test method and @AfterEach only"));
    }

    private static Run run(ExtensionContext context) {
        var settings = Settings.fromSystemProperties().orElse(context::getConfigurationParameter);
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Run.class, type -> Run.of(settings), Run.class);
    }
}
