package dev.primacy.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.Leave;
import dev.primacy.operator.render.Materials.Certificate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
    private static final String SPEC = "storage: {data: {persistentVolumeClaim: {size: 1Gi}}}";
    private static final Materials RENEWED = new Materials(
            Blueprints.MATERIALS.ca(),
            Blueprints.MATERIALS.serverAuthority(),
            new Certificate("RENEWED-CERTIFICATE\n", "RENEWED-KEY\n"),
            Blueprints.MATERIALS.replication(),
            Blueprints.MATERIALS.operator(),
            Blueprints.MATERIALS.password());

    private final Blueprint blueprint = Blueprints.running(SPEC);
    private final Configuration before = Configuration.of(blueprint);
    private final ConfigMap mounted = before.configMap(blueprint);

    @Test
    @DisplayName("a paused cluster keeps what is mounted")
    void keeps() {
        assertThat(Configuration.kept(mounted, Blueprints.MATERIALS)).contains(before);
    }

    @Test
    @DisplayName("a paused cluster takes renewed certificates up, exactly as a cluster does whose spec did not change")
    void renews() {
        Configuration renewed = Configuration.of(new Blueprint(
                blueprint.names(),
                blueprint.uid(),
                blueprint.spec(),
                blueprint.facts(),
                blueprint.installation(),
                RENEWED,
                blueprint.script()));
        assertThat(renewed.hash()).isNotEqualTo(before.hash());
        assertThat(Configuration.kept(mounted, RENEWED)).contains(renewed);
    }

    @Test
    @DisplayName("what was changed by hand is not taken up by its hash")
    void byHand() {
        ConfigMap edited = new ConfigMapBuilder(mounted)
                .addToData("pg_hba.conf", "local all all trust\n")
                .build();
        assertThat(Configuration.kept(edited, Blueprints.MATERIALS)
                        .orElseThrow()
                        .hash())
                .isEqualTo(before.hash());
        assertThat(Configuration.kept(new ConfigMapBuilder().build(), Blueprints.MATERIALS))
                .as("a ConfigMap without files")
                .isEmpty();
    }

    @Test
    @DisplayName("the script reckons with the times that PostgreSQL and the operator have")
    void sharesTimes() {
        assertThat(InstanceScript.load())
                .contains("WAL_SENDER_TIMEOUT=$((%d * SECOND))".formatted(Leave.WAL_TIMEOUT.toSeconds()))
                .contains("TTL=$((${PRIMACY_TTL_SECONDS:-%d} * SECOND))".formatted(Leave.GRANT_TTL.toSeconds()));
        assertThat(before.postgresqlConf())
                .contains("wal_sender_timeout = '%ds'".formatted(Leave.WAL_TIMEOUT.toSeconds()))
                .contains("wal_receiver_timeout = '%ds'".formatted(Leave.WAL_TIMEOUT.toSeconds()));
    }
}
