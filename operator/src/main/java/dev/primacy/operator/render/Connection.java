package dev.primacy.operator.render;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** What a client needs to connect to the primary as the owner. */
record Connection(String host, int port, String database, String user, String password, String authority) {

    static Connection of(Blueprint blueprint) {
        var initdb = blueprint.spec().bootstrap().initdb();
        return new Connection(
                blueprint.names().readWriteHost(),
                blueprint.spec().port(),
                initdb.database(),
                initdb.owner(),
                blueprint.materials().password(),
                blueprint.materials().serverAuthority());
    }

    /** For libpq and most drivers; a generated password needs no escapes, one that the user gave may. */
    String uri() {
        return "postgresql://" + encoded(user) + ":" + encoded(password) + "@" + host + ":" + port + "/"
                + encoded(database) + "?sslmode=require";
    }

    String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + encoded(database) + "?user=" + encoded(user)
                + "&password=" + encoded(password) + "&sslmode=require";
    }

    String r2dbcUrl() {
        return "r2dbc:postgresql://" + host + ":" + port + "/" + encoded(database) + "?sslMode=require";
    }

    /** A line of a password file, in which colons and backslashes are escaped. */
    String passwordFile() {
        return host + ":" + port + ":" + escaped(database) + ":" + escaped(user) + ":" + escaped(password) + "\n";
    }

    private static String escaped(String field) {
        return field.replace("\\", "\\\\").replace(":", "\\:");
    }

    private static String encoded(String text) {
        // The encoder is made for forms, where a space is a plus.
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Says no password. */
    @Override
    public String toString() {
        return "Connection[" + user + "@" + host + ":" + port + "/" + database + "]";
    }
}
