package dev.primacy.operator.render;

import dev.primacy.api.v1.Initdb;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Leave;
import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.List;

/** The environment of instance.sh. */
final class InstanceEnvironment {
    private InstanceEnvironment() {}

    /** What holds for the life of the member. */
    static List<EnvVar> lasting(Blueprint blueprint, String member) {
        Names names = blueprint.names();
        return List.of(
                variable("PRIMACY_CLUSTER", names.cluster()),
                variable("PRIMACY_MEMBER", member),
                variable("PRIMACY_PROFILE", blueprint.spec().profile().name()),
                variable("PRIMACY_SOURCE_HOST", names.readWriteHost()),
                variable("PRIMACY_SLOT", Names.slot(member)),
                variable("PRIMACY_TTL_SECONDS", Long.toString(Leave.GRANT_TTL.toSeconds())),
                variable(
                        "PRIMACY_INITDB_OPTIONS",
                        initdbOptions(blueprint.spec().bootstrap().initdb())),
                variable("PGDATA", "/var/lib/primacy/pgdata"),
                variable("PGPORT", Integer.toString(blueprint.spec().port())),
                // For `kubectl exec orders-1-0 -- psql` alone.
                variable("PGHOST", PostgresqlConf.SOCKET_DIRECTORY),
                variable("PGUSER", "postgres"),
                variable("LANG", "C.UTF-8"),
                variable("LC_ALL", "C.UTF-8"));
    }

    /** What changes while the cluster comes up; a pod that runs without it is as good as one that has it. */
    static List<EnvVar> passing(Blueprint blueprint, String member) {
        Facts facts = blueprint.facts();
        List<EnvVar> environment = new ArrayList<>();
        var systemId = facts.systemId();
        if (systemId != null) {
            environment.add(variable("PRIMACY_SYSTEM_ID", systemId.value()));
        } else if (member.equals(facts.initdbMember())) {
            // The leave to initdb goes with the first word of a system identifier, and is never given again.
            environment.add(variable("PRIMACY_INITDB", "true"));
        }
        if (blueprint.spec().instances() == 1 && facts.members().size() == 1) {
            environment.add(variable("PRIMACY_SOLO", "true"));
        }
        return environment;
    }

    /** One option a line; checksums and the way of logging in are the script's. */
    private static String initdbOptions(Initdb initdb) {
        List<String> options = new ArrayList<>();
        options.add("--encoding=" + initdb.encoding());
        options.add("--locale=" + initdb.locale());
        Integer segment = initdb.walSegmentSizeMegabytes();
        if (segment != null) {
            options.add("--wal-segsize=" + segment);
        }
        return String.join("\n", options);
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }
}
