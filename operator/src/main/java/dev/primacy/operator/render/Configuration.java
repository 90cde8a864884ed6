package dev.primacy.operator.render;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * PostgreSQL's three files.
 *
 * @param hash of all three; postgresql.conf declares it as {@code primacy.config}, by which a server tells what it runs with
 */
public record Configuration(String hash, String postgresqlConf, String pgHba, String pgIdent) {
    private static final String POSTGRESQL_CONF = "postgresql.conf";
    private static final String PG_HBA = "pg_hba.conf";
    private static final String PG_IDENT = "pg_ident.conf";

    public static Configuration of(Blueprint blueprint) {
        String hba = PgHba.of(blueprint);
        String ident = PgIdent.TEXT;
        String hash = Hash.of(PostgresqlConf.of(blueprint, ""), hba, ident);
        return new Configuration(hash, PostgresqlConf.of(blueprint, hash), hba, ident);
    }

    /**
     * What the members have mounted, whatever the spec says by now, and with the certificates of now: in a paused cluster changes of the
     * spec wait, but a certificate that expires would not.
     *
     * @param mounted the cluster's ConfigMap as it is
     * @return empty when it does not have all three files
     */
    public static Optional<Configuration> kept(ConfigMap mounted, Materials materials) {
        Map<String, String> files = Objects.requireNonNullElse(mounted.getData(), Map.of());
        String conf = files.get(POSTGRESQL_CONF);
        String hba = files.get(PG_HBA);
        String ident = files.get(PG_IDENT);
        Optional<String> hash = hash(mounted);
        if (conf == null || hba == null || ident == null || hash.isEmpty()) {
            return Optional.empty();
        }
        String renewed = PostgresqlConf.withCertificates(conf, materials);
        if (renewed.equals(conf)) {
            return Optional.of(new Configuration(hash.get(), conf, hba, ident));
        }
        String newHash = Hash.of(PostgresqlConf.withHash(renewed, ""), hba, ident);
        return Optional.of(new Configuration(newHash, PostgresqlConf.withHash(renewed, newHash), hba, ident));
    }

    /** The hash of the configuration that a ConfigMap shows to the members. */
    public static Optional<String> hash(ConfigMap mounted) {
        return Optional.ofNullable(mounted.getData())
                .map(data -> data.get(POSTGRESQL_CONF))
                .flatMap(PostgresqlConf::hash);
    }

    ConfigMap configMap(Blueprint blueprint) {
        return new ConfigMapBuilder()
                .withMetadata(
                        Metadata.owned(blueprint, blueprint.names().configMap()).build())
                .withData(Map.of(POSTGRESQL_CONF, postgresqlConf, PG_HBA, pgHba, PG_IDENT, pgIdent))
                .build();
    }
}
