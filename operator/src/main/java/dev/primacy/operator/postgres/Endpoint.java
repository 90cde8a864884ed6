package dev.primacy.operator.postgres;

import dev.primacy.operator.model.SystemId;
import org.jspecify.annotations.Nullable;

/**
 * Where a member should answer, and what it has to prove there. Addresses of pods are used again, so an answer counts only
 * from the server whose {@code cluster_name} is the member's name.
 *
 * @param host address of the pod
 * @param systemId of the cluster; null while it is not known, then any is taken
 */
public record Endpoint(
        String member, String host, int port, @Nullable SystemId systemId) {

    /** Whether this is the same place, of which it has become known what it has to prove: that it is what answered there. */
    public boolean becomes(Endpoint known, SystemId answered) {
        return systemId == null && new Endpoint(member, host, port, answered).equals(known);
    }
}
