package dev.primacy.operator.render;

import java.util.Map;
import java.util.TreeMap;

/**
 * A connection in the keys of the Service Binding specification 1.1, those that Spring reads beside them, and the aliases that
 * users of other PostgreSQL operators look for.
 */
final class ServiceBinding {
    static final String TYPE = "servicebinding.io/postgresql";

    private ServiceBinding() {}

    static Map<String, String> data(Connection connection) {
        Map<String, String> data = new TreeMap<>();
        data.put("type", "postgresql");
        data.put("provider", "primacy");
        data.put("host", connection.host());
        data.put("port", Integer.toString(connection.port()));
        data.put("database", connection.database());
        data.put("username", connection.user());
        data.put("password", connection.password());
        data.put("uri", connection.uri());
        data.put("certificates", connection.authority());

        data.put("jdbc-url", connection.jdbcUrl());
        data.put("r2dbc-url", connection.r2dbcUrl());
        data.put("sslmode", "verify-full");
        data.put("sslrootcert", connection.authority());

        data.put("user", connection.user());
        data.put("dbname", connection.database());
        data.put("jdbc-uri", connection.jdbcUrl());
        data.put("pgpass", connection.passwordFile());
        data.put(Secrets.AUTHORITY, connection.authority());
        return data;
    }
}
