package dev.primacy.api.v1;

/** What the cluster is for. */
public enum Profile {
    /** Durable and, with two or more instances, highly available. */
    Production,
    /** For CI: one member on emptyDir without fsync, ready in seconds; its data does not outlive the pod. */
    Ephemeral
}
