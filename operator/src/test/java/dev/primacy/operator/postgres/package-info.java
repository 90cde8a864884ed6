/** The commands and the probe against real PostgreSQL servers. */
@NullMarked
package dev.primacy.operator.postgres;

import org.jspecify.annotations.NullMarked;
