/** The Helm chart, by the real Helm: what it renders, and what it refuses. */
@NullMarked
package dev.primacy.e2e.chart;

import org.jspecify.annotations.NullMarked;
