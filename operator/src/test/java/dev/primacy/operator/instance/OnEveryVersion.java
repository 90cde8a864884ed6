package dev.primacy.operator.instance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Real PostgreSQL in containers, of each version that the protocol's facts were tried on. These tests mostly wait, so they do it together. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Tag("containers")
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 17, 18})
@Execution(ExecutionMode.CONCURRENT)
@interface OnEveryVersion {}
