package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who may connect: a network range, or pods by selectors; to which databases, as which roles, and how. */
@ValidationRule(
        value = "has(self.cidr) != (has(self.podSelector) || has(self.namespaceSelector))",
        messageExpression =
                "'access rule %s%s'.format([self.name, (has(self.cidr) ? ' names both a cidr and selectors: split it into "
                        + "two rules, one for the network and one for the pods' : ' names no peer: write cidr: 10.0.0.0/8, say, or "
                        + "podSelector and/or namespaceSelector')])",
        message = "an access rule needs either cidr, or podSelector and/or namespaceSelector")
@ValidationRule(
        value = "!has(self.method) || self.method != 'reject' || has(self.cidr)",
        messageExpression =
                "'access rule %s rejects by selectors, but PostgreSQL sees addresses alone, so it would reject everybody: "
                        + "write the cidr to reject, or leave the rule out (what no rule allows is refused)'.format([self.name])",
        message = "method reject needs a cidr")
@ValidationRule(
        value = "!has(self.method) || self.method != 'cert' || !has(self.tls) || self.tls == 'Require'",
        messageExpression =
                "'access rule %s has method cert with tls Allow, but a client certificate can only be shown over TLS: "
                        + "write tls: Require, or leave tls out'.format([self.name])",
        message = "method cert needs tls: Require")
@ValidationRule(
        value = "!has(self.method) || self.method != 'reject' || !has(self.tls)",
        messageExpression =
                "'access rule %s has method reject with tls %s, but a rejection holds with and without TLS: leave tls "
                        + "out'.format([self.name, self.tls])",
        message = "method reject holds with and without TLS: leave tls out")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AccessRule(
        @JsonPropertyDescription("Name of the rule, unique in the list; for people, events and patches.")
        @Required
        @Size(min = 1, max = 63)
        @ValidationRule(value = Formats.LABEL, messageExpression = Formats.NOT_A_LABEL)
        String name,

        @JsonPropertyDescription(
                "Network in CIDR notation, IPv4 or IPv6, without host bits: 10.0.0.0/8, fd00::/8; a single address has"
                        + " /32 or /128. It is compared with the address that PostgreSQL sees, which a Service or NAT may have"
                        + " changed. Exclusive of the selectors.")
        @Size(min = 1, max = 43)
        @ValidationRule(
                value = "isCIDR(self)",
                messageExpression =
                        "'\"%s\" is not a network in CIDR notation: write 10.0.0.0/8 or fd00::/8, say; a single address has /32 "
                                + "or /128'.format([self])",
                message = "not a network in CIDR notation")
        @ValidationRule(
                value = "!isCIDR(self) || cidr(self) == cidr(self).masked()",
                messageExpression =
                        "'\"%s\" has address bits beyond its prefix length: write %s for the network, or the full prefix length "
                                + "for one address'.format([self, string(cidr(self).masked())])",
                message = "the address has bits beyond its prefix length")
        @Nullable
        String cidr,

        @JsonPropertyDescription(
                "Pods by their labels; {} selects all. Alone: pods of the cluster's own namespace; with"
                        + " namespaceSelector: pods of the namespaces it selects. Enforced by the NetworkPolicy, where the network"
                        + " plugin enforces those; pg_hba.conf lets all addresses try, since pod addresses change.")
        @Nullable
        LabelSelector podSelector,

        @JsonPropertyDescription("Namespaces by their labels; {} selects all. Without podSelector: all their pods.")
        @Nullable
        LabelSelector namespaceSelector,

        @JsonPropertyDescription("Databases that may be connected to: names, or regular expressions after a slash"
                + " (\"/^backstage_plugin_\", PostgreSQL 16 or newer). Empty or absent: all.")
        @Size(max = 32)
        @ValidationRule(
                value = "!self.exists(d, d in ['all', 'sameuser', 'samerole', 'samegroup', 'replication'])",
                message =
                        "all, sameuser, samerole, samegroup and replication are key words of pg_hba.conf, not databases: leave"
                                + " the list empty for all databases; replication is arranged by the operator")
        @ValidationRule(
                value = "self.all(d, d.matches('" + DATABASE + "'))",
                messageExpression =
                        "'%s: not a database: write letters, digits, _ and -, with a letter or _ in front; or a regular expression"
                                + " after a slash'.format([self.filter(d, !d.matches('" + DATABASE + "'))])")
        List<@Size(min = 1, max = 63) String> databases,

        @JsonPropertyDescription("Roles that may connect. Empty or absent: all but the operator's own.")
        @Size(max = 32)
        @ValidationRule(
                value = "!self.exists(r, r in " + Formats.RESERVED_ROLES + " || r.startsWith('pg_'))",
                messageExpression =
                        "'%s: not for clients (postgres connects by the local socket alone, primacy and primacy_replica are the "
                                + "operator\\'s, pg_* are PostgreSQL\\'s own): name a role of yours, such as the "
                                + "owner'.format([self.filter(r, r in "
                                + Formats.RESERVED_ROLES
                                + " || r.startsWith('pg_'))])",
                message = "postgres, primacy, primacy_replica and pg_* cannot be granted access: name a role of yours")
        @ValidationRule(
                value = "!('all' in self)",
                message = "all is a key word of pg_hba.conf, not a role: leave the list empty for all roles")
        @ValidationRule(
                value = "self.all(r, r.matches('" + Formats.IDENTIFIER_PATTERN + "'))",
                messageExpression =
                        "'%s: not a role: write letters, digits, _ and -, with a letter or _ in front'.format([self.filter(r,"
                                + " !r.matches('" + Formats.IDENTIFIER_PATTERN + "'))])")
        List<@Size(min = 1, max = 63) String> roles,

        @JsonPropertyDescription(
                "Require: connections without TLS are refused. Allow: they are accepted too, and passwords' hashes and"
                        + " data cross the network in the clear. Default: Require.")
        TlsRequirement tls,

        @JsonPropertyDescription(
                "scram-sha-256: by password. cert: by a client certificate of the cluster's client CA whose common name is"
                        + " the role. reject: refused, before any rule that allows. Default: scram-sha-256.")
        Method method) {

    // A regular expression after a slash: pg_hba.conf, since PostgreSQL 16.
    private static final String DATABASE = "^([a-zA-Z_][-a-zA-Z0-9_]*|/[^\"\\x00-\\x1f]+)$";

    public AccessRule {
        tls = Objects.requireNonNullElse(tls, TlsRequirement.Require);
        method = Objects.requireNonNullElse(method, Method.SCRAM_SHA_256);
        databases = databases == null ? List.of() : List.copyOf(databases);
        roles = roles == null ? List.of() : List.copyOf(roles);
    }

    /** Whether a connection without TLS is accepted. */
    public enum TlsRequirement {
        Require,
        Allow
    }

    /** PostgreSQL's own names of authentication methods. */
    public enum Method {
        @JsonProperty("scram-sha-256")
        SCRAM_SHA_256,
        @JsonProperty("cert")
        CERT,
        @JsonProperty("reject")
        REJECT
    }
}
