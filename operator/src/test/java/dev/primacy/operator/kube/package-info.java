@NullMarked
package dev.primacy.operator.kube;

import org.jspecify.annotations.NullMarked;
