package dev.primacy.e2e.bench;

import dev.primacy.e2e.harness.Space;
import dev.primacy.e2e.harness.Sql;
import java.util.concurrent.TimeUnit;

/** What Kubernetes and PostgreSQL take by themselves: a bare StatefulSet of one, behind a Service. */
final class Floor {
    private static final String OBJECTS = """
            apiVersion: v1
            kind: Service
            metadata: {name: floor}
            spec: {selector: {app: floor}, ports: [{port: 5432}]}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: floor}
            spec:
              replicas: 1
              serviceName: floor
              selector: {matchLabels: {app: floor}}
              template:
                metadata: {labels: {app: floor}}
                spec:
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 0
                  securityContext: {runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
                  containers:
                    - name: postgres
                      image: postgres:17
                      command:
                        - bash
                        - -c
                        - >-
                          initdb -D /data/pgdata -U app --auth-host=scram-sha-256 --pwfile=<(echo floor)
                          && echo 'host all all all scram-sha-256' >> /data/pgdata/pg_hba.conf
                          && exec postgres -D /data/pgdata -c listen_addresses='*' -c unix_socket_directories=/tmp
                      ports: [{containerPort: 5432}]
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                      volumeMounts: [{name: data, mountPath: /data}]
            """;

    private static final String EMPTY_DIR = "      volumes: [{name: data, emptyDir: {}}]\n";
    private static final String CLAIM = """
              volumeClaimTemplates:
                - metadata: {name: data}
                  spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
            """;

    private Floor() {}

    /** Returns when a row is committed. */
    static void apply(Space space, boolean onClaim) {
        String[] documents = OBJECTS.split("---\n", -1);
        space.applyManifest(documents[0]);
        space.applyManifest(documents[1] + (onClaim ? CLAIM.indent(0) : EMPTY_DIR));
        String address = space.client()
                .services()
                .inNamespace(space.name())
                .withName("floor")
                .waitUntilCondition(seen -> seen != null && seen.getSpec().getClusterIP() != null, 1, TimeUnit.MINUTES)
                .getSpec()
                .getClusterIP();
        FirstWrite.into(new Sql(address, 5432, "postgres", "app", "floor", "disable", null));
    }
}
