package dev.primacy.e2e.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * As {@link EndToEnd}, for tests that stop the operator or harm a node, or measure: nothing else runs beside them. Whatever they leave
 * broken is mended after each.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("cluster")
@ExtendWith(EndToEndExtension.class)
@ResourceLock(EndToEnd.INSTALLATION)
public @interface Disturbing {}
