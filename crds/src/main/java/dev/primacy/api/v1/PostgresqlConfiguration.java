package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/** PostgreSQL's own settings. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PostgresqlConfiguration(
        @JsonPropertyDescription(
                "PostgreSQL parameters, as in postgresql.conf: lower-case names, values as strings with PostgreSQL's units"
                        + " (shared_buffers: 2GB). Changes are loaded at once; what needs a restart is restarted"
                        + " standbys first, one at a"
                        + " time, and named in status.pendingRestart before. Parameters on which replication and"
                        + " failover stand are the"
                        + " operator's and refused with the reason. Absent: PostgreSQL's defaults, but"
                        + " for those that the operator sets for a cluster (docs/configuration.md).")
        @Size(max = 128)
        @ValidationRule(
                value = "self.all(k, k.matches('^[a-z_][a-z0-9_]*([.][a-z_][a-z0-9_]*)?$'))",
                messageExpression =
                        "'%s: not a parameter name: write it in lower case, words joined by underscores, as in max_connections or "
                                + "auto_explain.log_min_duration'.format([self.filter(k, "
                                + "!k.matches('^[a-z_][a-z0-9_]*([.][a-z_][a-z0-9_]*)?$'))])",
                message = "parameter names are written in lower case, words joined by underscores")
        @ValidationRule(
                value = "!self.exists(k, self[k].matches('[\\\\x00-\\\\x08\\\\x0a-\\\\x1f]'))",
                messageExpression =
                        "'%s: a value has a line break or another control character: write it on one line'.format([self.filter(k, "
                                + "self[k].matches('[\\\\x00-\\\\x08\\\\x0a-\\\\x1f]'))])",
                message = "values of parameters are written on one line, without control characters")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.NETWORK + ")",
                messageExpression =
                        "'%s: set by the operator, which decides who can connect, where and with which certificates: remove it, "
                                + "and use spec.port, spec.access and spec.tls'.format([self.filter(k, "
                                + OwnedParameters.NETWORK
                                + ")])",
                message = "addresses, pg_hba and TLS are set by the operator: use spec.port, spec.access and spec.tls")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.FILES + ")",
                messageExpression =
                        "'%s: set by the operator, which keeps PostgreSQL\\'s files and their places: remove "
                                + "it'.format([self.filter(k, "
                                + OwnedParameters.FILES
                                + ")])",
                message = "the places of PostgreSQL's files are the operator's: remove the parameter")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.REPLICATION + ")",
                messageExpression =
                        "'%s: set by the operator, since failover decides by it who follows whom and how soon a loss is seen: "
                                + "remove it, and use spec.replication'.format([self.filter(k, "
                                + OwnedParameters.REPLICATION
                                + ")])",
                message = "replication and recovery are set by the operator: use spec.replication")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.ARCHIVE + ")",
                messageExpression =
                        "'%s: WAL archiving is the operator\\'s: remove it; a standby never needs an archive, the slots keep its "
                                + "WAL'.format([self.filter(k, "
                                + OwnedParameters.ARCHIVE
                                + ")])",
                message = "WAL archiving is the operator's: remove the parameter")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.DURABILITY + ")",
                messageExpression =
                        "'%s: fixed, since a crash could otherwise corrupt or hide data: remove it; for throw-away databases "
                                + "write profile: Ephemeral'.format([self.filter(k, "
                                + OwnedParameters.DURABILITY
                                + ")])",
                message = "fixed, since a crash could otherwise corrupt or hide data: remove the parameter, or use"
                        + " profile: Ephemeral")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.SUPERVISION + ")",
                messageExpression =
                        "'%s: fixed, since the operator must notice a crash itself and be able to connect at any time: remove it "
                                + "(libraries are loaded by spec.postgresql.sharedPreloadLibraries, other defaults"
                                + " are set by ALTER "
                                + "ROLE)'.format([self.filter(k, "
                                + OwnedParameters.SUPERVISION
                                + ")])",
                message = "fixed, since the operator must notice a crash itself and be able to connect at any"
                        + " time: remove the parameter")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.LOGGING + ")",
                messageExpression =
                        "'%s: fixed, since PostgreSQL logs to the container\\'s standard error, where kubectl logs finds it: "
                                + "remove it'.format([self.filter(k, "
                                + OwnedParameters.LOGGING
                                + ")])",
                message = "fixed, since PostgreSQL logs to the container's standard error: remove the parameter")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.FIELDS + ")",
                messageExpression = "'%s: has a field of its own: write spec.postgresql.sharedPreloadLibraries or "
                        + "spec.replication.maxSlotWalKeepSize'.format([self.filter(k, "
                        + OwnedParameters.FIELDS
                        + ")])",
                message = "write spec.postgresql.sharedPreloadLibraries or spec.replication.maxSlotWalKeepSize")
        @ValidationRule(
                value = "!self.exists(k, " + OwnedParameters.PRESET + ")",
                messageExpression =
                        "'%s: cannot be set in PostgreSQL\\'s configuration (fixed by its build, by initdb or by the session): "
                                + "remove it; spec.bootstrap.initdb has what initdb can choose'.format([self.filter(k, "
                                + OwnedParameters.PRESET
                                + ")])",
                message = "cannot be set in PostgreSQL's configuration: remove the parameter")
        @ValidationRule(
                value = "!('wal_level' in self) || self['wal_level'] in ['replica', 'logical']",
                messageExpression =
                        "'wal_level %s carries too little for a standby: write replica or logical, or leave it "
                                + "out'.format([self['wal_level']])",
                message = "wal_level must be replica or logical")
        @ValidationRule(
                value = "!('max_connections' in self) || (self['max_connections'].matches('^[0-9]{1,6}$') &&"
                        + " int(self['max_connections']) >= 20)",
                messageExpression =
                        "'max_connections %s leaves no room beside the operator\\'s own connections: write a whole number from "
                                + "20'.format([self['max_connections']])",
                message = "max_connections must be a whole number from 20")
        Map<String, @Size(max = 1024) String> parameters,

        @JsonPropertyDescription(
                "Libraries that PostgreSQL loads at its start (shared_preload_libraries), in this order; the image must have them."
                        + " A change restarts the members. Absent: none.")
        @Size(max = 32)
        @ValidationRule(
                value = "self.all(l, l.matches('" + LIBRARY + "'))",
                messageExpression =
                        "'%s: not a library: write one name in each entry, without a comma, such as pg_stat_statements'"
                                + ".format([self.filter(l, !l.matches('" + LIBRARY + "'))])")
        List<@Size(min = 1, max = 128) String> sharedPreloadLibraries) {

    private static final String LIBRARY = "^[$a-zA-Z0-9_][$a-zA-Z0-9_./-]*$";

    static final PostgresqlConfiguration DEFAULT = new PostgresqlConfiguration(Map.of(), List.of());

    public PostgresqlConfiguration {
        parameters = parameters == null ? Map.of() : Map.copyOf(parameters);
        sharedPreloadLibraries = sharedPreloadLibraries == null ? List.of() : List.copyOf(sharedPreloadLibraries);
    }
}
