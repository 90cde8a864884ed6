/** One virtual thread per cluster: probes the members every second, grants, and wakes the reconciler when something changed. */
@NullMarked
package dev.primacy.operator.monitor;

import org.jspecify.annotations.NullMarked;
