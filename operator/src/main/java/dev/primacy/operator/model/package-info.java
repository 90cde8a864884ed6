/** What was seen of a cluster and what the cluster has decided, as immutable records. Knows nothing but the API types. */
@NullMarked
package dev.primacy.operator.model;

import org.jspecify.annotations.NullMarked;
