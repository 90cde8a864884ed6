/** The pure rules: from what was seen and the time, what to do next. No I/O, no clock, no randomness. */
@NullMarked
package dev.primacy.operator.decide;

import org.jspecify.annotations.NullMarked;
