package dev.primacy.operator.kube;

import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An exception of the Kubernetes client in words for a person. */
final class Failures {
    static final int CONFLICT = 409;
    static final int NOT_FOUND = 404;
    static final int FORBIDDEN = 403;
    static final int UNPROCESSABLE = 422;

    /** Of a type that differs, and of data that is declared immutable (Kubernetes 1.31 to 1.36). */
    private static final Set<String> IMMUTABLE_REASONS = Set.of("FieldValueInvalid", "FieldValueForbidden");

    private Failures() {}

    /** Nothing can be made in the namespace any more, since it is being deleted (Kubernetes 1.31 to 1.36 give this cause). */
    static boolean isOfEndingNamespace(KubernetesClientException failure) {
        return causes(failure).anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }

    /**
     * A field cannot be changed, but in a new object. An admission policy refuses with 422, too, as does the API server what is too
     * long: those would refuse a new object as well.
     */
    static boolean isOfImmutableField(KubernetesClientException failure) {
        return failure.getCode() == UNPROCESSABLE
                && causes(failure)
                        .anyMatch(cause -> IMMUTABLE_REASONS.contains(String.valueOf(cause.getReason()))
                                && String.valueOf(cause.getMessage()).contains("field is immutable"));
    }

    private static Stream<StatusCause> causes(KubernetesClientException failure) {
        return failure.getStatus() == null || failure.getStatus().getDetails() == null
                ? Stream.empty()
                : failure.getStatus().getDetails().getCauses().stream();
    }

    static String words(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof KubernetesClientException)) {
            cause = cause.getCause();
        }
        if (cause instanceof KubernetesClientException client) {
            String message =
                    client.getStatus() == null ? null : client.getStatus().getMessage();
            if (message != null && !message.isBlank()) {
                return message;
            }
            Throwable below = client.getCause();
            if (client.getCode() == 0 && below != null) {
                return "the API server did not answer: " + text(below.getMessage(), below);
            }
        }
        return text(cause.getMessage(), cause);
    }

    private static String text(@Nullable String message, Throwable of) {
        return message == null || message.isBlank() ? of.getClass().getSimpleName() : message;
    }
}
