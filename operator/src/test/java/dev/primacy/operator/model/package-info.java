@NullMarked
package dev.primacy.operator.model;

import org.jspecify.annotations.NullMarked;
