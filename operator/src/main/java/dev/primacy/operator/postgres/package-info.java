/** SQL over JDBC: sessions, the prober, the commands, TLS material. A failure is a value, never an exception. */
@NullMarked
package dev.primacy.operator.postgres;

import org.jspecify.annotations.NullMarked;
