/** Informers into a view, actions into the API server. */
@NullMarked
package dev.primacy.operator.kube;

import org.jspecify.annotations.NullMarked;
