@NullMarked
package dev.primacy.operator.render;

import org.jspecify.annotations.NullMarked;
