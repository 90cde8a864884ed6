@NullMarked
package dev.primacy.operator.app;

import org.jspecify.annotations.NullMarked;
