/**
 * The operator, deployed by its chart as users deploy it, on a real Kubernetes with real PostgreSQL. One class per theme; each test has
 * a namespace of its own, or shares its class's cluster where that hides nothing.
 */
@NullMarked
package dev.primacy.e2e;

import org.jspecify.annotations.NullMarked;
