/** A real multi-node Kubernetes in Docker for tests, demonstrations and benchmarks; never part of the product. */
@NullMarked
package dev.primacy.testbed;

import org.jspecify.annotations.NullMarked;
