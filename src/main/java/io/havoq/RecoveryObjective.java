package io.havoq;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How soon the cluster must be whole again: all members back and every pair of nodes routing. Past {@link #target()} is a
 * warning, past {@link #acceptable()} a failure. Without it the fault's usual objective counts, e.g. 10 s and 30 s for a
 * pod kill. Counted from the fault's beginning for kills, from its removal for the others.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface RecoveryObjective {
    /** A duration as Go writes it, e.g. {@code 10s}. */
    String target();

    /** A duration as Go writes it, not shorter than the target. */
    String acceptable();
}
