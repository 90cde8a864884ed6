/** The watch over members. */
@NullMarked
package dev.primacy.operator.monitor;

import org.jspecify.annotations.NullMarked;
