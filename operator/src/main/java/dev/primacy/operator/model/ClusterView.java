package dev.primacy.operator.model;

import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.PostgresClusterStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a pass knows of a cluster.
 *
 * @param status the status as last written: the facts are in it, and what people were told
 * @param facts the decided part of the status
 * @param ownEpoch the epoch that this operator process itself has raised for the cluster; 0 if it has not yet
 * @param leaderSince when this process began to lead, on its monotonic clock: a moment, like every time of a member
 * @param routed the member that the -rw Service selects now; null when there is no Service yet or it selects nobody
 * @param members every member of the facts, and every other for which objects exist, by ordinal
 * @param orphanClaims claims of this cluster's name that belong to no member in the facts: retained data
 * @param endedContainers names that containers gave themselves, whose end the kubelet reported, also of pods that are gone by now; never one whose
 *     status the pod garbage collector made up (ContainerStatusUnknown)
 * @param config the configuration that the spec asks for
 * @param requests the imperative annotations ({@code primacy.dev/switchover} and its kin), without the prefix
 * @param problems what keeps the spec from being carried out, in words: a missing Secret, a namespace that did not opt in
 */
public record ClusterView(
        Names names,
        String uid,
        Instant created,
        long generation,
        PostgresClusterSpec spec,
        PostgresClusterStatus status,
        Facts facts,
        long ownEpoch,
        Duration leaderSince,
        @Nullable String routed,
        List<MemberView> members,
        List<ClaimView> orphanClaims,
        DesiredConfiguration config,
        Application application,
        Set<String> endedContainers,
        Map<String, String> requests,
        List<String> problems) {

    public ClusterView {
        members = List.copyOf(members);
        orphanClaims = List.copyOf(orphanClaims);
        endedContainers = Set.copyOf(endedContainers);
        requests = Map.copyOf(requests);
        problems = List.copyOf(problems);
    }

    /**
     * @param hash of the ConfigMap with postgresql.conf, pg_hba.conf and pg_ident.conf; it covers the server's certificate too,
     *     so that a renewed one is loaded like a changed parameter
     * @param certificateHash of the server's certificate file as it should be
     */
    public record DesiredConfiguration(String hash, String certificateHash) {}

    /**
     * The owner's role and database.
     *
     * @param hash of all that {@code EnsureApplication} brings about: owner, database, rights and password
     * @param appliedHash the hash that was last brought about on the primary; empty if none in this leadership
     * @param appliedTo the {@link Probe.Primary#roles} that were seen before that; others since may be the work of a hand
     */
    public record Application(String hash, String appliedHash, String appliedTo) {}

    public Optional<MemberView> member(@Nullable String name) {
        return members.stream().filter(member -> member.name().equals(name)).findFirst();
    }

    /** The member that the facts name as primary. */
    public Optional<MemberView> primary() {
        return member(facts.primary());
    }
}
