package dev.primacy.operator.kube;

import dev.primacy.operator.model.Names;
import org.slf4j.MDC;

/** What a line of the log has beside its message, as keys to search by: whom it is about. */
public final class LogKeys {
    static final String NAMESPACE = "namespace";
    static final String CLUSTER = "cluster";
    static final String MEMBER = "member";

    /** The reason of an event, as {@code kubectl get events} shows it. */
    static final String REASON = "reason";

    private LogKeys() {}

    /** What this thread logs from now on is about that cluster alone. */
    public static void about(Names names) {
        MDC.clear(); // of what the SDK puts there
        MDC.put(NAMESPACE, names.namespace());
        MDC.put(CLUSTER, names.cluster());
    }

    public static void aboutNobody() {
        MDC.clear();
    }
}
