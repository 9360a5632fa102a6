package io.havoq;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Measures what the cluster can carry at most: once before the fault, for {@link Workload#normalBurst()}, and whenever the test
 * calls {@link Workload#burst()}. The load itself is too light for a fault to lower its rate.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface MeasuresThroughput {}
