package dev.primacy.operator.render;

/** pg_ident.conf: a client certificate's common name is the role itself, so nothing is mapped. */
final class PgIdent {
    static final String TEXT = "# Written by primacy. No mappings: a certificate's common name is the role.\n";

    private PgIdent() {}
}
