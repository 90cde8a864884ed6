@NullMarked
package dev.primacy.operator;

import org.jspecify.annotations.NullMarked;
