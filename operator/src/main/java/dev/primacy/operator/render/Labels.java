package dev.primacy.operator.render;

import dev.primacy.operator.model.Names;
import java.util.Map;
import java.util.TreeMap;

/** Labels and annotations of everything that belongs to a cluster. */
public final class Labels {
    public static final String NAME = "app.kubernetes.io/name";
    public static final String INSTANCE = "app.kubernetes.io/instance";
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String COMPONENT = "app.kubernetes.io/component";

    public static final String CLUSTER = "primacy.dev/cluster";
    public static final String MEMBER = "primacy.dev/member";
    /** On pods, set by the operator while they run: primary or replica. */
    public static final String ROLE = "primacy.dev/role";
    /** On pods that serve the read-only Service. */
    public static final String READS = "primacy.dev/reads";
    /** On Secrets in another namespace, which cannot have an owner reference: where the cluster is. */
    public static final String CLUSTER_NAMESPACE = "primacy.dev/cluster-namespace";

    /** Hash of the desired object, on the object. */
    public static final String HASH = "primacy.dev/hash";
    /** Hash of what a pod would have to be restarted for, on the pod template and so on its pods. */
    public static final String TEMPLATE_HASH = "primacy.dev/template-hash";

    public static final String INSTRUCTION = "primacy.dev/instruction";
    public static final String CONFIG = "primacy.dev/config";
    public static final String SYSTEM_ID = "primacy.dev/system-id";
    public static final String EPOCH = "primacy.dev/epoch";

    /** The condition of the pods' readiness gate. */
    public static final String READY_CONDITION = "primacy.dev/ready";

    /** The value of {@link #MEMBER} in the -rw Service's selector while there is no primary: no member has this name. */
    public static final String NO_MEMBER = "none";

    private Labels() {}

    public static Map<String, String> of(Names names) {
        Map<String, String> labels = new TreeMap<>();
        labels.put(NAME, "postgresql");
        labels.put(INSTANCE, names.cluster());
        labels.put(MANAGED_BY, "primacy");
        labels.put(COMPONENT, "database");
        labels.put(CLUSTER, names.cluster());
        return labels;
    }

    public static Map<String, String> ofMember(Names names, String member) {
        Map<String, String> labels = of(names);
        labels.put(MEMBER, member);
        return labels;
    }

    /** Selects the pods of all members. */
    public static Map<String, String> allMembers(Names names) {
        return Map.of(CLUSTER, names.cluster());
    }

    /** On pods: the request for a rolling restart that they were made after. */
    public static final String RESTART = "primacy.dev/restart";
}
