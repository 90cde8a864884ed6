/** {@code instance.sh} on real PostgreSQL: each row of the start table, each branch of the fence loop. */
@NullMarked
package dev.primacy.operator.instance;

import org.jspecify.annotations.NullMarked;
