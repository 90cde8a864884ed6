package dev.primacy.api.v1;

/** What happens to the PersistentVolumeClaims when the cluster is deleted or scaled down. */
public enum DeletionPolicy {
    Retain,
    Delete
}
