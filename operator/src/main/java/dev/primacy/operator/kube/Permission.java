package dev.primacy.operator.kube;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Listable;

/** Nodes and Namespaces belong to no namespace: an operator with Roles in some namespaces alone may not see them. */
final class Permission {
    private Permission() {}

    static boolean mayList(Listable<?> kind) {
        try {
            kind.list(new ListOptionsBuilder().withLimit(1L).build());
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != Failures.FORBIDDEN) {
                throw e;
            }
            return false;
        }
    }
}
