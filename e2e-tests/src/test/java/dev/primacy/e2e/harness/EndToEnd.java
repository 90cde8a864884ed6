package dev.primacy.e2e.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A class of tests against the deployed operator. Such classes run side by side, the methods of each one after the other. A test takes a
 * {@link Space} or the {@link Site} as a parameter; a {@link Space} taken by a {@code @BeforeAll} method is the whole class's.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("cluster")
@ExtendWith(EndToEndExtension.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = EndToEnd.INSTALLATION, mode = ResourceAccessMode.READ)
public @interface EndToEnd {
    /** The operator and the nodes: most tests rely on them, some disturb them. */
    String INSTALLATION = "installation";
}
