/** What the end-to-end tests are written with: the installed operator, namespaces, clusters, SQL, and what is kept of a failure. */
@NullMarked
package dev.primacy.e2e.harness;

import org.jspecify.annotations.NullMarked;
