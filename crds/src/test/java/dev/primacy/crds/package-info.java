/** What finishes the generated custom resource definition and its reference, and the tests that hold them to their records. */
@NullMarked
package dev.primacy.crds;

import org.jspecify.annotations.NullMarked;
