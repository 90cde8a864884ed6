package dev.primacy.e2e.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Belongs to the full set alone ({@code ./dev test e2e-full}), for which continuous integration has no time. That runs the others,
 * {@code ./dev test e2e}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("e2e-full")
public @interface Full {}
