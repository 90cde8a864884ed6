/** The desired Kubernetes objects and PostgreSQL files, one class per kind, pure functions of what the user wants and what the cluster has decided. */
@NullMarked
package dev.primacy.operator.render;

import org.jspecify.annotations.NullMarked;
