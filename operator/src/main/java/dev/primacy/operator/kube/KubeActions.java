package dev.primacy.operator.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.primacy.api.v1.PostgresCluster;
import dev.primacy.operator.decide.Action;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.postgres.Outcome;
import dev.primacy.operator.render.Labels;
import dev.primacy.operator.render.Services;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The actions on Kubernetes objects of one cluster. Each leaves alone what already is as wanted. */
final class KubeActions {
    /** Another manager than the applier's: an apply must not take away what these actions wrote. */
    private static final String FIELD_MANAGER = "primacy-actions";

    private static final PatchContext MERGE = patch(PatchType.JSON_MERGE);
    private static final PatchContext JSON = patch(PatchType.JSON);
    private static final PatchContext STRATEGIC = patch(PatchType.STRATEGIC_MERGE);

    private final KubernetesClient client;
    private final ClusterCache cache;
    private final ObjectMapper mapper;
    private final Names names;

    KubeActions(KubernetesClient client, ClusterCache cache, ObjectMapper mapper, Names names) {
        this.client = client;
        this.cache = cache;
        this.mapper = mapper;
        this.names = names;
    }

    Outcome run(Action.Kube action, Instant now) {
        try {
            return switch (action) {
                case Action.Route a -> route(a);
                case Action.Label a -> label(a);
                case Action.SetReady a -> setReady(a, now);
                case Action.TouchConfig a -> annotatePod(a.member(), Labels.CONFIG, a.configHash());
                case Action.Instruct a ->
                    annotatePod(a.member(), Labels.INSTRUCTION, a.instruction().text());
                case Action.DeletePod a -> deletePod(a.member(), a.uid(), a.grace());
                case Action.RemoveMember a -> removeMember(a);
                case Action.DeleteClaim a -> deleteClaim(a.member(), a.uid());
                case Action.AnnotateClaim a -> annotateClaim(a);
                case Action.ConsumeRequest a -> consumeRequest(a.name());
                case Action.DeleteCluster a -> deleteCluster(a.uid());
            };
        } catch (KubernetesClientException e) {
            return new Outcome.Failed(Failures.words(e));
        }
    }

    /** Rule 10: one atomic patch of the selector. */
    private Outcome route(Action.Route action) {
        ArrayNode operations = mapper.createArrayNode();
        if (action.from() != null) {
            operations
                    .addObject()
                    .put("op", "test")
                    .put("path", pointer("/spec/selector/", Labels.MEMBER))
                    .put("value", action.from());
        }
        operations
                .addObject()
                .put("op", "replace")
                .put("path", "/spec/selector")
                .set("value", mapper.valueToTree(Services.readWriteSelector(names, action.member())));
        Service patched = client.services()
                .inNamespace(names.namespace())
                .withName(names.readWriteService())
                .patch(JSON, operations.toString());
        cache.written(patched);
        return Outcome.DONE;
    }

    private Outcome label(Action.Label action) {
        ObjectNode labels = mapper.createObjectNode().put(Labels.ROLE, action.role());
        if (action.reads()) {
            labels.put(Labels.READS, "true");
        } else {
            labels.putNull(Labels.READS);
        }
        return patchPod(action.member(), "labels", labels);
    }

    private Outcome annotatePod(String member, String annotation, String value) {
        return patchPod(member, "annotations", mapper.createObjectNode().put(annotation, value));
    }

    private Outcome patchPod(String member, String part, ObjectNode content) {
        Optional<Pod> pod = pod(member);
        if (pod.isEmpty()) {
            return noPod(member);
        }
        return patchMetadata(pod.get(), part, content);
    }

    /** The transition time is kept while the state stays; the kubelet ands the gate into the pod's own Ready. */
    private Outcome setReady(Action.SetReady action, Instant now) {
        Optional<Pod> found = pod(action.member());
        if (found.isEmpty()) {
            return noPod(action.member());
        }
        Pod pod = found.get();
        String state = action.ready() ? "True" : "False";
        String since = Optional.ofNullable(pod.getStatus())
                .flatMap(status -> Pods.condition(status, Labels.READY_CONDITION))
                .filter(condition -> state.equals(condition.getStatus()))
                .map(PodCondition::getLastTransitionTime)
                .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        ObjectNode condition = mapper.createObjectNode()
                .put("type", Labels.READY_CONDITION)
                .put("status", state)
                .put("reason", action.ready() ? "Serving" : "NotServing")
                .put("message", action.reason())
                .put("lastTransitionTime", since);
        ObjectNode body = mapper.createObjectNode();
        body.putObject("metadata").put("uid", pod.getMetadata().getUid());
        body.putObject("status").putArray("conditions").add(condition);
        cache.written(client.resource(pod).subresource("status").patch(STRATEGIC, body.toString()));
        return Outcome.DONE;
    }

    private Outcome deletePod(String member, String uid, @Nullable Duration grace) {
        delete("/api/v1/namespaces/" + names.namespace() + "/pods/" + names.pod(member), uid, grace);
        return Outcome.DONE;
    }

    private Outcome deleteClaim(String member, String uid) {
        delete("/api/v1/namespaces/" + names.namespace() + "/persistentvolumeclaims/" + names.claim(member), uid, null);
        return Outcome.DONE;
    }

    private Outcome removeMember(Action.RemoveMember action) {
        String statefulSet = action.statefulSetUid();
        if (statefulSet != null) {
            delete(
                    "/apis/apps/v1/namespaces/" + names.namespace() + "/statefulsets/" + action.member(),
                    statefulSet,
                    null);
        }
        String claim = action.claimUid();
        return claim == null ? Outcome.DONE : deleteClaim(action.member(), claim);
    }

    private Outcome annotateClaim(Action.AnnotateClaim action) {
        String name = names.claim(action.member());
        Optional<PersistentVolumeClaim> claim = cache.get(PersistentVolumeClaim.class, names.namespace(), name)
                .filter(found -> found.getMetadata().getUid().equals(action.uid()));
        if (claim.isEmpty()) {
            return new Outcome.Failed("the PersistentVolumeClaim " + name + " is not there, or is another by now");
        }
        return patchMetadata(
                claim.get(),
                "annotations",
                mapper.createObjectNode()
                        .put(Labels.SYSTEM_ID, action.systemId().value())
                        .put(Labels.EPOCH, Long.toString(action.epoch())));
    }

    /** The uid makes the API server refuse it for an object that was made under the same name since. */
    private Outcome patchMetadata(HasMetadata item, String part, ObjectNode content) {
        ObjectNode body = mapper.createObjectNode();
        body.putObject("metadata").put("uid", item.getMetadata().getUid()).set(part, content);
        cache.written(client.resource(item).patch(MERGE, body.toString()));
        return Outcome.DONE;
    }

    /** Removes the annotation only if nobody has put another request there meanwhile. */
    private Outcome consumeRequest(String name) {
        Resource<PostgresCluster> resource = cluster();
        PostgresCluster live = resource.get();
        String annotation = Observer.REQUEST_PREFIX + name;
        String value = live == null ? null : Applier.annotation(live, annotation);
        if (value == null) {
            return Outcome.DONE;
        }
        String path = pointer("/metadata/annotations/", annotation);
        ArrayNode operations = mapper.createArrayNode();
        operations.addObject().put("op", "test").put("path", path).put("value", value);
        operations.addObject().put("op", "remove").put("path", path);
        resource.patch(JSON, operations.toString());
        return Outcome.DONE;
    }

    /** A JSON pointer to a key that may have slashes (RFC 6901). */
    private static String pointer(String parent, String key) {
        return parent + key.replace("~", "~0").replace("/", "~1");
    }

    private Outcome deleteCluster(String uid) {
        delete(
                "/apis/primacy.dev/v1/namespaces/" + names.namespace() + "/postgresclusters/" + names.cluster(),
                uid,
                null);
        return Outcome.DONE;
    }

    /** Deletes this very object, never one that was made under the same name since. */
    private void delete(String path, String uid, @Nullable Duration grace) {
        ObjectNode options =
                mapper.createObjectNode().put("kind", "DeleteOptions").put("apiVersion", "v1");
        options.putObject("preconditions").put("uid", uid);
        if (grace != null) {
            options.put("gracePeriodSeconds", grace.toSeconds());
        }
        try {
            client.raw(path, "DELETE", options);
        } catch (KubernetesClientException e) {
            if (e.getCode() != Failures.NOT_FOUND && e.getCode() != Failures.CONFLICT) {
                throw e;
            }
        }
    }

    private Optional<Pod> pod(String member) {
        return cache.get(Pod.class, names.namespace(), names.pod(member));
    }

    private static Outcome noPod(String member) {
        return new Outcome.Failed(member + " has no pod at present");
    }

    private Resource<PostgresCluster> cluster() {
        return client.resources(PostgresCluster.class)
                .inNamespace(names.namespace())
                .withName(names.cluster());
    }

    private static PatchContext patch(PatchType type) {
        return new PatchContext.Builder()
                .withPatchType(type)
                .withFieldManager(FIELD_MANAGER)
                .build();
    }
}
