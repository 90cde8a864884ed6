/** Wires the operator together: settings, the reconciler, the management endpoints. */
@NullMarked
package dev.primacy.operator.app;

import org.jspecify.annotations.NullMarked;
