package dev.primacy.operator.model;

/**
 * A volume that is smaller than its claim asks for: it is to grow and has not yet.
 *
 * @param has what it has, as a Kubernetes quantity
 * @param asked what the claim asks for
 * @param words what is said of it where it failed; empty while it has not
 */
public record Growth(String has, String asked, Stage stage, String words) {
    public enum Stage {
        /** The storage has yet to enlarge the volume. */
        STORAGE,
        /** The volume is larger; the file system on it is not yet. */
        FILE_SYSTEM,
        /** The driver or the kubelet could not. Both try again by themselves. */
        FAILED
    }
}
