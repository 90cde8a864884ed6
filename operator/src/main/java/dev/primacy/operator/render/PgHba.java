package dev.primacy.operator.render;

import dev.primacy.api.v1.AccessRule;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * pg_hba.conf. The first line that matches decides, so the operator's own lines come first, then lines that keep everybody else from
 * its roles, then the user's rules.
 */
final class PgHba {
    private static final String RESERVED = "postgres,primacy,primacy_replica";

    private static final String HEAD = """
            # Written by primacy from spec.access; edits are undone.
            # The socket lies in a directory that only PostgreSQL's own user can enter.
            local all postgres,primacy trust
            local all all scram-sha-256
            # The operator and the members, by certificates of the cluster's own authority.
            hostssl all primacy all cert
            hostssl replication primacy_replica all cert
            hostssl postgres primacy_replica all cert
            # Nobody else gets in as one of these, or replicates, whatever the rules below say.
            host all %s all reject
            host replication all all reject
            """.formatted(RESERVED);

    private PgHba() {}

    static String of(Blueprint blueprint) {
        List<AccessRule> rules = blueprint.spec().access();
        if (rules.isEmpty()) {
            return HEAD
                    + "# spec.access is empty: everybody who has a password, over TLS.\nhostssl all all all scram-sha-256\n";
        }
        // Rejections first: a rule that refuses would be void behind one that allows.
        return HEAD
                + lines(rules, rule -> rule.method() == AccessRule.Method.REJECT)
                + lines(rules, rule -> rule.method() != AccessRule.Method.REJECT);
    }

    private static String lines(List<AccessRule> rules, Function<AccessRule, Boolean> which) {
        return rules.stream().filter(which::apply).map(PgHba::line).collect(Collectors.joining());
    }

    private static String line(AccessRule rule) {
        String method = switch (rule.method()) {
            case SCRAM_SHA_256 -> "scram-sha-256";
            case CERT -> "cert";
            case REJECT -> "reject";
        };
        // Selectors become all addresses here: pods' addresses change. The NetworkPolicy holds them to the selected
        // pods.
        String address = Objects.requireNonNullElse(rule.cidr(), "all");
        return line(connection(rule), rule.databases(), rule.roles(), address, method);
    }

    static String line(String type, List<String> databases, List<String> roles, String address, String method) {
        return String.join(" ", type, list(databases), list(roles), address, method) + "\n";
    }

    /** {@code host} matches with and without TLS. */
    private static String connection(AccessRule rule) {
        return switch (rule.method()) {
            case REJECT -> "host";
            // A certificate exists only where there is TLS; PostgreSQL refuses the line otherwise.
            case CERT -> "hostssl";
            case SCRAM_SHA_256 -> rule.tls() == AccessRule.TlsRequirement.Allow ? "host" : "hostssl";
        };
    }

    private static String list(List<String> names) {
        return names.isEmpty() ? "all" : names.stream().map(PgHba::quoted).collect(Collectors.joining(","));
    }

    /**
     * In quotes a key word such as {@code all} or {@code replication}, a plus and an at sign are letters like others; a leading
     * slash begins a regular expression all the same (PostgreSQL 16 and newer).
     *
     * @throws IllegalArgumentException if the name has a line break, which no line of pg_hba.conf can hold; the CRD refuses those
     */
    private static String quoted(String name) {
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "spec.access names a database or role with a control character in it, which pg_hba.conf cannot hold: '"
                            + name.replaceAll("\\p{Cntrl}", "?") + "'; take it out");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
