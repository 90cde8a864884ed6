package dev.primacy.operator.render;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.Map;

/**
 * PostgreSQL's three files.
 *
 * @param hash of all three; postgresql.conf declares it as {@code primacy.config}, by which a server tells what it runs with
 */
public record Configuration(String hash, String postgresqlConf, String pgHba, String pgIdent) {

    public static Configuration of(Blueprint blueprint) {
        String hba = PgHba.of(blueprint);
        String ident = PgIdent.TEXT;
        String hash = Hash.of(PostgresqlConf.of(blueprint, ""), hba, ident);
        return new Configuration(hash, PostgresqlConf.of(blueprint, hash), hba, ident);
    }

    ConfigMap configMap(Blueprint blueprint) {
        return new ConfigMapBuilder()
                .withMetadata(
                        Metadata.owned(blueprint, blueprint.names().configMap()).build())
                .withData(Map.of("postgresql.conf", postgresqlConf, "pg_hba.conf", pgHba, "pg_ident.conf", pgIdent))
                .build();
    }
}
