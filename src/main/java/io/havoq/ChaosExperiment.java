package io.havoq;

import io.havoq.junit.HavoqExtension;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Makes a test a chaos experiment: the faults of these manifests are injected right before the test method's execution and
 * removed right after it; the invariants are judged even if the body is empty.
 *
 * <p>On a class it means every test method of it: two methods are two injections. The nearest annotation wins: method,
 * class, then the enclosing classes of {@code @Nested}. It works as a meta-annotation. Experiments exclude each other by a
 * resource lock, so they may run beside other tests in parallel execution.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(HavoqExtension.class)
@ResourceLock("io.havoq.cluster")
public @interface ChaosExperiment {
    /**
     * The Chaos Mesh manifests to inject together: class path resources or files. None, written {@code {}}, is the
     * baseline: load, checks and judgement without a fault.
     */
    String[] value();
}
