package io.havoq;

import io.havoq.environment.Role;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Which node a manifest with {@code mode: one} should hit, where the broker tells its nodes' roles. Where it has no roles
 * the seeded choice stands, and the report says so.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Victim {
    /** The role that the node has right before the injection. */
    Role value();
}
