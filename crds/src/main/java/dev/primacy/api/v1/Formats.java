package dev.primacy.api.v1;

/** CEL conditions on the form of a string {@code self}, each beside the message for one that does not have it. */
final class Formats {
    /** RFC 1123 subdomain, as Kubernetes asks of the names of Secrets and classes. */
    static final String SUBDOMAIN =
            "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')";

    static final String NOT_A_SUBDOMAIN =
            "'\"%s\" is no name of a Kubernetes object: write lower-case letters, digits, hyphens and"
                    + " dots, with a letter or digit at both ends'.format([self])";

    /** RFC 1123 label, as Kubernetes asks of the names of namespaces. */
    static final String LABEL = "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')";

    static final String NOT_A_LABEL =
            "'\"%s\" is no plain name: write lower-case letters, digits and hyphens, with a letter or digit"
                    + " at both ends'.format([self])";

    /** A key in a Secret's data. */
    static final String SECRET_KEY = "self.matches('^[-._a-zA-Z0-9]+$')";

    static final String NOT_A_SECRET_KEY =
            "'\"%s\" is no key of a Secret: write letters, digits, -, _ and .'.format([self])";

    /** The names that a database or role may have here: those that need no thought about quoting, and hyphens. */
    static final String IDENTIFIER_PATTERN = "^[a-zA-Z_][-a-zA-Z0-9_]*$";

    static final String IDENTIFIER = "self.matches('" + IDENTIFIER_PATTERN + "')";

    static final String NOT_AN_IDENTIFIER =
            "'\"%s\" is no name that works everywhere without quotes: write letters, digits, _ and -, with"
                    + " a letter or _ in front'.format([self])";

    /** The syntax of an image reference. That a tag or digest is there is a rule of its own, with a message of its own. */
    static final String IMAGE = "self.matches('^([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]+)?/)?"
            + "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
            + "(:[a-zA-Z0-9_][-a-zA-Z0-9_.]{0,127})?(@sha256:[a-f0-9]{64})?$')";

    static final String NOT_AN_IMAGE =
            "'\"%s\" is no image reference: write it as registry.example.com/team/postgres:17.2, or with"
                    + " @sha256: and 64 hexadecimal digits'.format([self])";

    /** A Kubernetes quantity. */
    static final String QUANTITY = "isQuantity(string(self))";

    static final String NOT_A_QUANTITY =
            "'\"%s\" is no Kubernetes quantity: write a number with a unit, such as 512Mi or 20Gi'.format([self])";

    /** CEL list of role names that are the operator's or PostgreSQL's own; pg_* is asked for separately. */
    static final String RESERVED_ROLES = "['postgres', 'primacy', 'primacy_replica']";

    private Formats() {}
}
