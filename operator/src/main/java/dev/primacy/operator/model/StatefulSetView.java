package dev.primacy.operator.model;

/**
 * A member's StatefulSet.
 *
 * @param templateHash hash of the pod template that it holds; empty where none is annotated
 */
public record StatefulSetView(String uid, String templateHash) {}
