package dev.primacy.operator.decide;

/** A Kubernetes event on the resource: a reason in one word, and a sentence for a person. */
public record Event(Type type, String reason, String message) {
    public enum Type {
        Normal,
        Warning
    }

    public static Event normal(String reason, String message) {
        return new Event(Type.Normal, reason, message);
    }

    public static Event warning(String reason, String message) {
        return new Event(Type.Warning, reason, message);
    }
}
