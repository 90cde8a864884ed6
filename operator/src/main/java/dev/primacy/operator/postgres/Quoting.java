package dev.primacy.operator.postgres;

/** Text that becomes part of a statement. {@code ALTER SYSTEM}, {@code COPY} and their like take no parameters. */
final class Quoting {
    private Quoting() {}

    /** A string literal, right whatever {@code standard_conforming_strings} says. */
    static String literal(String text) {
        String quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'";
        return text.indexOf('\\') < 0 ? quoted : "E" + quoted;
    }

    static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** One {@code keyword=value} of a libpq connection string. */
    static String conninfo(String keyword, String value) {
        return keyword + "='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
