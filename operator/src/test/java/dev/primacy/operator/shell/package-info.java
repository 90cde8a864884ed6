/** What tests have done by bash, in containers as a rule. */
@NullMarked
package dev.primacy.operator.shell;

import org.jspecify.annotations.NullMarked;
