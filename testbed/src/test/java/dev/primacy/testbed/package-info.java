@NullMarked
package dev.primacy.testbed;

import org.jspecify.annotations.NullMarked;
