package dev.primacy.operator.render;

import dev.primacy.api.v1.EmptyDir;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFileBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.List;

/** What a member's pod mounts. */
final class Volumes {
    /** Keys are readable for their group, which fsGroup makes PostgreSQL's; it accepts root's keys of this mode. */
    private static final int GROUP_READABLE = 0640;

    private static final int WORLD_READABLE = 0644;

    private Volumes() {}

    static List<Volume> of(Blueprint blueprint, String member, String scriptConfigMap) {
        var names = blueprint.names();
        return List.of(
                data(blueprint, member),
                // Small: the socket, a word, and nothing that grows.
                memory("run", new Quantity("16Mi")),
                new VolumeBuilder()
                        .withName("tmp")
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .build(),
                new VolumeBuilder()
                        .withName("shm")
                        .withNewEmptyDir()
                        .withMedium("Memory")
                        .endEmptyDir()
                        .build(),
                configMap("script", scriptConfigMap),
                configMap("config", names.configMap()),
                secret("tls", names.serverSecret()),
                secret("replication", names.replicationSecret()),
                new VolumeBuilder()
                        .withName("pod")
                        .withNewDownwardAPI()
                        .withDefaultMode(WORLD_READABLE)
                        .withItems(
                                item("instruction", "metadata.annotations['" + Labels.INSTRUCTION + "']"),
                                item("role", "metadata.labels['" + Labels.ROLE + "']"))
                        .endDownwardAPI()
                        .build());
    }

    static List<VolumeMount> mounts() {
        return List.of(
                mount("data", "/var/lib/primacy", false),
                mount("run", "/run/primacy", false),
                mount("tmp", "/tmp", false),
                mount("shm", "/dev/shm", false),
                mount("script", PodTemplate.SCRIPT, true),
                mount("config", "/etc/primacy/config", true),
                mount("tls", PodTemplate.TLS, true),
                mount("replication", "/etc/primacy/replication", true),
                mount("pod", "/etc/primacy/pod", true));
    }

    private static Volume data(Blueprint blueprint, String member) {
        VolumeBuilder volume = new VolumeBuilder().withName("data");
        EmptyDir emptyDir = blueprint.spec().storage().data().emptyDir();
        if (emptyDir == null) {
            return volume.withNewPersistentVolumeClaim()
                    .withClaimName(blueprint.names().claim(member))
                    .endPersistentVolumeClaim()
                    .build();
        }
        return volume.withNewEmptyDir()
                .withMedium(emptyDir.medium())
                .withSizeLimit(emptyDir.sizeLimit())
                .endEmptyDir()
                .build();
    }

    private static DownwardAPIVolumeFile item(String path, String field) {
        return new DownwardAPIVolumeFileBuilder()
                .withPath(path)
                .withNewFieldRef()
                .withApiVersion("v1")
                .withFieldPath(field)
                .endFieldRef()
                .build();
    }

    private static Volume memory(String name, Quantity limit) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withMedium("Memory")
                .withSizeLimit(limit)
                .endEmptyDir()
                .build();
    }

    private static Volume configMap(String name, String configMap) {
        return new VolumeBuilder()
                .withName(name)
                .withNewConfigMap()
                .withName(configMap)
                .withDefaultMode(WORLD_READABLE)
                .endConfigMap()
                .build();
    }

    private static Volume secret(String name, String secret) {
        return new VolumeBuilder()
                .withName(name)
                .withNewSecret()
                .withSecretName(secret)
                .withDefaultMode(GROUP_READABLE)
                .endSecret()
                .build();
    }

    private static VolumeMount mount(String name, String path, boolean readOnly) {
        VolumeMountBuilder mount = new VolumeMountBuilder().withName(name).withMountPath(path);
        // Left out when false: Kubernetes drops it, and server-side apply would see a difference for ever.
        return readOnly ? mount.withReadOnly(true).build() : mount.build();
    }
}
