package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Exactly one of the two. */
@ValidationRule(
        value = "has(self.persistentVolumeClaim) != has(self.emptyDir)",
        messageExpression = "has(self.emptyDir)"
                + " ? 'storage.data has both persistentVolumeClaim and emptyDir: remove one (emptyDir data dies with the pod)'"
                + " : 'storage.data has neither persistentVolumeClaim nor emptyDir: write persistentVolumeClaim: {size: 10Gi}, or"
                + " emptyDir: {} for data that may be lost'",
        message = "storage.data needs exactly one of persistentVolumeClaim and emptyDir")
@ValidationRule(
        value = "has(self.emptyDir) == has(oldSelf.emptyDir)",
        messageExpression = "'storage.data cannot change from %s: put it back, or move the data into a new "
                + "cluster'.format([(has(oldSelf.emptyDir) ? 'emptyDir to persistentVolumeClaim' : 'persistentVolumeClaim "
                + "to emptyDir')])",
        message = "storage.data cannot change its kind: put it back, or move the data into a new cluster")
@ValidationRule(
        value = "!has(self.emptyDir) || !has(oldSelf.emptyDir) || self.emptyDir == oldSelf.emptyDir",
        message =
                "emptyDir cannot be changed: Kubernetes would have to make a new, empty volume; put it back, or make a new cluster")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Volume(
        @JsonPropertyDescription(
                "A PersistentVolumeClaim for each member, made and grown by the operator. Exclusive of emptyDir.")
        @Nullable
        ClaimTemplate persistentVolumeClaim,

        @JsonPropertyDescription(
                "A volume that lives and dies with the member's pod: when a pod goes, its member is cloned anew from another,"
                        + " and if there is no other the data is lost. Exclusive of persistentVolumeClaim.")
        @Nullable
        EmptyDir emptyDir) {
    static final Volume DEFAULT = new Volume(null, new EmptyDir(null, null));
}
