/** What the custom resource definition accepts, refuses and fills in, asked of a real Kubernetes API server. */
@NullMarked
package dev.primacy.e2e.crd;

import org.jspecify.annotations.NullMarked;
