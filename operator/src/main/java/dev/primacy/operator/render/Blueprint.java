package dev.primacy.operator.render;

import dev.primacy.api.v1.DeletionPolicy;
import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.Profile;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;

/**
 * All that the objects of one cluster are made of. The same blueprint always gives the same objects.
 *
 * @param uid of the PostgresCluster, for the owner references
 * @param script the text of instance.sh
 */
public record Blueprint(
        Names names,
        String uid,
        PostgresClusterSpec spec,
        Facts facts,
        Installation installation,
        Materials materials,
        String script) {

    public boolean ephemeral() {
        return spec.profile() == Profile.Ephemeral;
    }

    /** Whether data stays when the cluster is deleted, so that a cluster applied again takes it up. */
    public boolean retainsData() {
        return spec.deletionPolicy() == DeletionPolicy.Retain
                && spec.storage().data().persistentVolumeClaim() != null;
    }

    /** The image of the members: the spec's own, or the catalogue's for the major version. */
    public String image() {
        String own = spec.image();
        return own != null ? own : installation.image(spec.postgresVersion());
    }
}
