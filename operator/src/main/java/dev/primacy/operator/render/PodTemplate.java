package dev.primacy.operator.render;

import dev.primacy.api.v1.PodOptions;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The pod of a member: the stock image, one container, the restricted Pod Security Standard. */
final class PodTemplate {
    static final String CONTAINER = "postgres";
    static final String SCRIPT = "/etc/primacy/script";
    static final String TLS = "/etc/primacy/tls";

    /** The postgres user of the stock image, on Debian and on Alpine. */
    private static final long DEBIAN_USER = 999;

    private static final long ALPINE_USER = 70;

    private PodTemplate() {}

    static PodTemplateSpec of(Blueprint blueprint, String member) {
        // What passes during the bootstrap, and the script's version, are left out of the hash: a pod need not restart
        // for them.
        String hash = Hash.ofObject(template(blueprint, member, List.of(), ""));
        PodTemplateSpec template = template(
                blueprint,
                member,
                InstanceEnvironment.passing(blueprint, member),
                InstanceScript.configMapName(blueprint));
        return new PodTemplateSpecBuilder(template)
                .editMetadata()
                .addToAnnotations(Labels.TEMPLATE_HASH, hash)
                .endMetadata()
                .build();
    }

    private static PodTemplateSpec template(
            Blueprint blueprint, String member, List<EnvVar> passing, String scriptConfigMap) {
        PodOptions options = blueprint.spec().pod();
        Placement placement = Placement.of(blueprint);
        Map<String, String> labels = new TreeMap<>(options.metadata().labels());
        labels.putAll(Labels.ofMember(blueprint.names(), member));
        Map<String, String> annotations = new TreeMap<>(options.metadata().annotations());
        if (blueprint.facts().restart() != null) {
            annotations.put(Labels.RESTART, blueprint.facts().restart());
        }
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                // A namespace with a hundred clusters would put a thousand variables into each pod.
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(60L)
                .addNewReadinessGate()
                .withConditionType(Labels.READY_CONDITION)
                .endReadinessGate()
                .withSecurityContext(security(blueprint))
                .withContainers(container(blueprint, member, passing))
                .withVolumes(Volumes.of(blueprint, member, scriptConfigMap))
                .withNodeSelector(options.nodeSelector().isEmpty() ? null : new TreeMap<>(options.nodeSelector()))
                .withAffinity(placement.affinity())
                .withTopologySpreadConstraints(placement.spread())
                .withTolerations(placement.tolerations())
                .withPriorityClassName(options.priorityClassName())
                .withImagePullSecrets(options.imagePullSecrets())
                .endSpec()
                .build();
    }

    private static Container container(Blueprint blueprint, String member, List<EnvVar> passing) {
        List<EnvVar> environment = new ArrayList<>(InstanceEnvironment.lasting(blueprint, member));
        environment.addAll(passing);
        String script = SCRIPT + "/" + InstanceScript.FILE;
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(blueprint.image())
                .withImagePullPolicy(blueprint.installation().imagePullPolicy())
                .withCommand("/bin/bash", script)
                .withEnv(environment)
                .addNewPort()
                .withName(Services.PORT_NAME)
                .withContainerPort(blueprint.spec().port())
                .withProtocol("TCP")
                .endPort()
                .withResources(blueprint.spec().pod().resources())
                .withVolumeMounts(Volumes.mounts())
                // The backstop for a postmaster that hangs; the script allows its query five seconds.
                .withNewLivenessProbe()
                .withNewExec()
                .withCommand("/bin/bash", script, "live")
                .endExec()
                .withPeriodSeconds(10)
                .withTimeoutSeconds(7)
                .withFailureThreshold(3)
                .withSuccessThreshold(1)
                .endLivenessProbe()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .build();
    }

    private static PodSecurityContext security(Blueprint blueprint) {
        PodOptions options = blueprint.spec().pod();
        Long user = options.runAsUser();
        Long group = options.fsGroup();
        if (blueprint.installation().assignsIds()) {
            user = user != null ? user : blueprint.image().contains("alpine") ? ALPINE_USER : DEBIAN_USER;
            group = group != null ? group : user;
        }
        return new PodSecurityContextBuilder()
                .withRunAsNonRoot(true)
                .withRunAsUser(user)
                .withFsGroup(group)
                // Else every start would walk the whole data directory.
                .withFsGroupChangePolicy("OnRootMismatch")
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }
}
