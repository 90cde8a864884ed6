package dev.primacy.api.v1;

/** Regular expressions and CEL fragments that several records share. The dialect is RE2, and Kubernetes anchors none of them. */
final class Formats {
    /** RFC 1123 label, as Kubernetes asks of the names of Services. */
    static final String LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /** RFC 1123 subdomain, as Kubernetes asks of the names of Secrets and classes. */
    static final String SUBDOMAIN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /** A key in a Secret's data. */
    static final String SECRET_KEY = "^[-._a-zA-Z0-9]+$";

    /** What Primacy lets a database or role be called: any identifier that needs no thought about quoting, and hyphens. */
    static final String IDENTIFIER = "^[a-zA-Z_][-a-zA-Z0-9_]*$";

    /** An identifier, or, after a slash, a regular expression as pg_hba.conf knows it since PostgreSQL 16. */
    static final String DATABASE_OR_REGEX = "^([a-zA-Z_][-a-zA-Z0-9_]*|/[^\"\\x00-\\x1f]+)$";

    /** The syntax of an image reference. That a tag or digest is there is a rule of its own, with a message of its own. */
    static final String IMAGE = "^([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]+)?/)?"
            + "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
            + "(:[a-zA-Z0-9_][-a-zA-Z0-9_.]{0,127})?(@sha256:[a-f0-9]{64})?$";

    /** A Kubernetes quantity. */
    static final String QUANTITY = "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[mkMGTPE]|[eE][0-9]+)?$";

    /** Kubernetes' own syntax of a label's value. */
    static final String LABEL_VALUE = "^([a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?)?$";

    /** CEL list of role names that are the operator's or PostgreSQL's own; pg_* is asked for separately. */
    static final String RESERVED_ROLES = "['postgres', 'primacy', 'primacy_replica']";

    private Formats() {}
}
