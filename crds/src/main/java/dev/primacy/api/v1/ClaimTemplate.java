package dev.primacy.api.v1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What each member's PersistentVolumeClaim asks for. */
@ValidationRule(
        value = "!isQuantity(string(self.size)) || !isQuantity(string(oldSelf.size))"
                + " || quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0",
        messageExpression =
                "'size cannot shrink from %s to %s: a volume can only grow; put it back, or move the data into a new, "
                        + "smaller cluster'.format([oldSelf.size, self.size])",
        message = "size cannot shrink: a volume can only grow")
@ValidationRule(
        value = "has(self.storageClassName) == has(oldSelf.storageClassName)"
                + " && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)",
        messageExpression =
                "'storageClassName cannot change from %s to %s: Kubernetes binds a claim to its class for life; put it "
                        + "back, or make a new cluster'.format([(has(oldSelf.storageClassName) ? oldSelf.storageClassName : 'the "
                        + "default'), (has(self.storageClassName) ? self.storageClassName : 'the default')])",
        message = "storageClassName cannot change: Kubernetes binds a claim to its class for life")
@ValidationRule(
        value = "has(self.accessModes) == has(oldSelf.accessModes)"
                + " && (!has(self.accessModes) || self.accessModes == oldSelf.accessModes)",
        message =
                "accessModes cannot change: Kubernetes fixes them when a claim is made; put them back, or make a new cluster")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ClaimTemplate(
        @JsonPropertyDescription(
                "Size of each member's volume, as a Kubernetes quantity such as 20Gi; at least 256Mi. It can grow, where the"
                        + " storage class allows that, and never shrink.")
        @Required
        @ValidationRule(value = Formats.QUANTITY, messageExpression = Formats.NOT_A_QUANTITY)
        @ValidationRule(
                value = "!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('256Mi')) >= 0",
                messageExpression =
                        "'size %s is too small for PostgreSQL: write at least 256Mi (a bare number counts bytes)'.format([self])",
                message = "size is too small for PostgreSQL: write at least 256Mi")
        Quantity size,

        @JsonPropertyDescription(
                "Name of the StorageClass. Absent: the Kubernetes cluster's default class. Cannot be changed.")
        @Size(min = 1, max = 253)
        @ValidationRule(value = Formats.SUBDOMAIN, messageExpression = Formats.NOT_A_SUBDOMAIN)
        @Nullable
        String storageClassName,

        @JsonPropertyDescription(
                "Access modes of the claims: ReadWriteOnce, ReadWriteOncePod or ReadWriteMany. Each member has a claim of its own;"
                        + " none is ever shared. Absent: ReadWriteOnce. Cannot be changed.")
        @Size(max = 2)
        @ValidationRule(
                value = "self.all(m, m in ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'])",
                messageExpression = "'accessModes %s: PostgreSQL must write, so use ReadWriteOnce, ReadWriteOncePod or "
                        + "ReadWriteMany'.format([self])",
                message = "use ReadWriteOnce, ReadWriteOncePod or ReadWriteMany")
        List<@Size(max = 32) String> accessModes) {

    public ClaimTemplate {
        accessModes = accessModes == null ? List.of() : List.copyOf(accessModes);
    }
}
