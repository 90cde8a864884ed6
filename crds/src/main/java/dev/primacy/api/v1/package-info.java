/** The API of Primacy, {@code primacy.dev/v1}: the custom resources as immutable records. */
@NullMarked
package dev.primacy.api.v1;

import org.jspecify.annotations.NullMarked;
