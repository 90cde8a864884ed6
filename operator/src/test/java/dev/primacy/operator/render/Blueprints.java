package dev.primacy.operator.render;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.SystemId;
import dev.primacy.operator.render.Materials.Authority;
import dev.primacy.operator.render.Materials.Certificate;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Blueprints to render from, with material that is plain to see and no secret. */
final class Blueprints {
    static final Installation INSTALLATION =
            new Installation(Map.of(), "IfNotPresent", "primacy-system", Installation.OPERATOR_LABELS, true);

    static final Materials MATERIALS = new Materials(
            new Authority("CA-CERTIFICATE\n", "CA-KEY\n"),
            "CA-CERTIFICATE\n",
            new Certificate("SERVER-CERTIFICATE\n", "SERVER-KEY\n"),
            new Certificate("REPLICATION-CERTIFICATE\n", "REPLICATION-KEY\n"),
            new Certificate("OPERATOR-CERTIFICATE\n", "OPERATOR-KEY\n"),
            "Generated0Password");

    private Blueprints() {}

    static Blueprint of(PostgresCluster cluster, Facts facts) {
        return new Blueprint(
                new Names(
                        cluster.getMetadata().getNamespace(),
                        cluster.getMetadata().getName()),
                "11111111-2222-3333-4444-555555555555",
                cluster.getSpec(),
                facts,
                INSTALLATION,
                MATERIALS,
                "#!/bin/bash\n# instance.sh\n");
    }

    /** A cluster named orders that runs; {@code spec} is YAML. */
    static Blueprint running(String spec) {
        PostgresCluster cluster = new PostgresCluster();
        cluster.getMetadata().setName("orders");
        cluster.getMetadata().setNamespace("shop");
        cluster.setSpec(Serialization.unmarshal(spec, PostgresClusterSpec.class));
        return of(cluster, runningFacts(cluster));
    }

    /** As soon as the first member has the leave to initdb, and the others wait for it. */
    static Facts bootstrapping(PostgresCluster cluster) {
        List<String> members = IntStream.rangeClosed(1, cluster.getSpec().instances())
                .mapToObj(ordinal -> cluster.getMetadata().getName() + "-" + ordinal)
                .toList();
        return Facts.NONE.withEpoch(1).withMembers(members).withInitdbMember(members.getFirst());
    }

    static Facts runningFacts(PostgresCluster cluster) {
        Facts facts = bootstrapping(cluster);
        return facts.withSystemId(new SystemId("7300000000000000001"))
                .withPrimary(facts.members().getFirst(), "container", 1);
    }
}
