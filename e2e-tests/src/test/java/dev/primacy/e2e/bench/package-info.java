/** How long things take, beside what a bare PostgreSQL takes on the same machine in the same run. */
@NullMarked
package dev.primacy.e2e.bench;

import org.jspecify.annotations.NullMarked;
