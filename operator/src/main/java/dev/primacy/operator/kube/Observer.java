package dev.primacy.operator.kube;

import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.PodView;
import dev.primacy.operator.model.PodView.NodeState;
import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.StatefulSetView;
import dev.primacy.operator.monitor.Seen;
import dev.primacy.operator.render.Labels;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts together, from caches alone, all that a pass knows of a cluster. */
public final class Observer {
    /** Requests stand on the resource as annotations and are consumed once. */
    static final String REQUEST_PREFIX = "primacy.dev/";

    private static final Set<String> REQUESTS = Set.of("switchover", "restart", "rebuild");
    private static final Probe NOT_YET = new Probe.Unreachable("not looked at yet");
    private static final String CLAIM_PREFIX = "data-";

    private final ClusterCache cache;
    private final NodeStates nodes;

    public Observer(ClusterCache cache, NodeStates nodes) {
        this.cache = cache;
        this.nodes = nodes;
    }

    /**
     * What the process itself knows of a cluster, beside what the API server does.
     *
     * @param leaderSince when this process began to lead, on its monotonic clock
     * @param sightings the monitor's latest look at a member
     * @param addresses where that was
     */
    public record Known(
            long ownEpoch,
            Duration leaderSince,
            Map<String, Seen> sightings,
            Map<String, String> addresses,
            ClusterView.DesiredConfiguration config,
            ClusterView.Application application,
            List<String> problems) {}

    public ClusterView observe(PostgresCluster cluster, Facts facts, Known known) {
        Names names = names(cluster);
        Map<String, PersistentVolumeClaim> claims =
                byMember(cache.of(PersistentVolumeClaim.class, names), Observer::claimant);
        Map<String, StatefulSet> sets = byMember(cache.of(StatefulSet.class, names), Observer::member);
        Map<String, Pod> pods = byMember(cache.of(Pod.class, names), Observer::member);

        Set<String> members = new TreeSet<>(Comparator.comparingInt(member -> ordinal(names, member)));
        members.addAll(facts.members());
        members.addAll(sets.keySet());
        members.addAll(pods.keySet());
        members.removeIf(member -> ordinal(names, member) < 1);

        return new ClusterView(
                names,
                cluster.getMetadata().getUid(),
                Pods.instant(cluster.getMetadata().getCreationTimestamp(), Instant.EPOCH),
                cluster.getMetadata().getGeneration(),
                cluster.getSpec(),
                Objects.requireNonNullElse(cluster.getStatus(), PostgresClusterStatus.NONE),
                facts,
                known.ownEpoch(),
                known.leaderSince(),
                routed(names),
                members.stream()
                        .map(member -> member(member, pods.get(member), claims.get(member), sets.get(member), known))
                        .toList(),
                claims.entrySet().stream()
                        .filter(entry -> !facts.members().contains(entry.getKey()))
                        // One that is on its way out, with what the user wanted gone, is nobody's data any more.
                        .filter(entry -> entry.getValue().getMetadata().getDeletionTimestamp() == null)
                        .map(entry -> ClaimViews.view(entry.getValue()))
                        .toList(),
                known.config(),
                known.application(),
                cache.endedContainers(names),
                requests(cluster),
                known.problems());
    }

    public static Names names(PostgresCluster cluster) {
        return new Names(
                cluster.getMetadata().getNamespace(), cluster.getMetadata().getName());
    }

    /** Where a member's pod is; the monitor looks there. */
    public Map<String, String> addresses(Names cluster) {
        Map<String, String> addresses = new TreeMap<>();
        byMember(cache.of(Pod.class, cluster), Observer::member).forEach((member, pod) -> {
            if (pod.getStatus() != null && pod.getStatus().getPodIP() != null) {
                addresses.put(member, pod.getStatus().getPodIP());
            }
        });
        return addresses;
    }

    /** Whether the member's pod was told to go, or is gone. */
    public boolean isGoing(Names cluster, @Nullable String member) {
        return member != null
                && cache.get(Pod.class, cluster.namespace(), cluster.pod(member))
                        .map(pod -> pod.getMetadata().getDeletionTimestamp() != null)
                        .orElse(true);
    }

    private MemberView member(
            String name,
            @Nullable Pod pod,
            @Nullable PersistentVolumeClaim claim,
            @Nullable StatefulSet set,
            Known known) {
        Seen seen = seen(name, pod, known);
        return new MemberView(
                name,
                pod == null ? null : podView(pod),
                claim == null ? null : ClaimViews.view(claim),
                set == null ? null : new StatefulSetView(set.getMetadata().getUid(), templateHash(set)),
                seen == null ? NOT_YET : seen.probe(),
                seen == null ? null : seen.begun(),
                seen == null ? null : seen.watchedSince(),
                seen == null ? null : seen.lastAnswered(),
                seen == null ? null : seen.lastPosition(),
                seen == null ? null : seen.since(),
                seen == null ? null : seen.sincePosition(),
                seen == null ? null : seen.startingSince(),
                seen == null ? null : seen.refusedSince(),
                seen == null ? null : seen.lastCopied(),
                seen == null ? null : seen.lastGrant());
    }

    /** The pod may have been told of later than the monitor looked, and be another. */
    private static @Nullable Seen seen(String name, @Nullable Pod pod, Known known) {
        Seen seen = known.sightings().get(name);
        String address =
                pod == null || pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        return seen == null
                        || address == null
                        || address.equals(known.addresses().get(name))
                ? seen
                : seen.elsewhere();
    }

    private PodView podView(Pod pod) {
        NodeState node = nodes.of(pod);
        return Pods.view(pod, node);
    }

    private static String templateHash(StatefulSet set) {
        Map<String, String> annotations =
                set.getSpec().getTemplate().getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(Labels.TEMPLATE_HASH, "");
    }

    private @Nullable String routed(Names names) {
        return cache.get(Service.class, names.namespace(), names.readWriteService())
                .map(service -> service.getSpec().getSelector())
                .map(selector -> selector.get(Labels.MEMBER))
                .filter(member -> !member.equals(Labels.NO_MEMBER))
                .orElse(null);
    }

    private static Map<String, String> requests(PostgresCluster cluster) {
        Map<String, String> annotations = cluster.getMetadata().getAnnotations();
        Map<String, String> requests = new TreeMap<>();
        if (annotations != null) {
            for (String request : REQUESTS) {
                String value = annotations.get(REQUEST_PREFIX + request);
                if (value != null) {
                    requests.put(request, value);
                }
            }
        }
        return requests;
    }

    private static String member(io.fabric8.kubernetes.api.model.HasMetadata item) {
        return Pods.label(item, Labels.MEMBER);
    }

    /** By its name: a claim that was restored from a backup may have lost its labels but those it is found by. */
    private static String claimant(PersistentVolumeClaim claim) {
        String name = claim.getMetadata().getName();
        return name.startsWith(CLAIM_PREFIX) ? name.substring(CLAIM_PREFIX.length()) : "";
    }

    private static <T> Map<String, T> byMember(List<T> items, Function<T, String> member) {
        Map<String, T> found = new TreeMap<>();
        for (T item : new ArrayList<>(items)) {
            String name = member.apply(item);
            if (!name.isEmpty()) {
                found.put(name, item);
            }
        }
        return found;
    }

    /** 0 for what is no member's name, be it a foreign object with our labels. */
    private static int ordinal(Names names, String member) {
        try {
            return member.startsWith(names.cluster() + "-") ? names.ordinal(member) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
