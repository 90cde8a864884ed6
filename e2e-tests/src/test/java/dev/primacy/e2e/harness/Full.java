package dev.primacy.e2e.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Belongs to the full set alone ({@code ./dev test e2e-full}): a test that takes long, or one that has not yet been seen to pass on the
 * test bed since it or what it tests was changed. Continuous integration runs the others, {@code ./dev test e2e}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("e2e-full")
public @interface Full {}
