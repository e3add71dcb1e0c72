package io.kvlane.router.config;

import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/** A key that has no default. */
@Retention(RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Required {}
