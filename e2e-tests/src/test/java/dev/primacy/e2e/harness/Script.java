package dev.primacy.e2e.harness;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A script in a pod of its own, with PostgreSQL's programs: a client beside the databases, or a person who looks into a volume. */
public final class Script {
    /** Where it finds the claim that it was given. */
    public static final String VOLUME = "/volume";

    private static final String IMAGE = "postgres:17";
    /** The user of that image; the members' files are its own. */
    private static final long USER = 999;

    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final Space space;
    private final String name;
    private final String text;
    private final Map<String, String> labels = new TreeMap<>();
    private final List<EnvVar> environment = new ArrayList<>();
    private @Nullable PersistentVolumeClaimVolumeSource claim;

    private Script(Space space, String name, String text) {
        this.space = space;
        this.name = name;
        this.text = text;
    }

    /**
     * What came of it.
     *
     * @param succeeded whether it ended with 0
     */
    public record Ended(boolean succeeded, String printed) {}

    /**
     * Nothing happens before it is run.
     *
     * @param name of the pod
     * @param text for bash
     */
    public static Script in(Space space, String name, String text) {
        return new Script(space, name, text);
    }

    public Script labelled(String label, String value) {
        labels.put(label, value);
        return this;
    }

    public Script with(String variable, String value) {
        environment.add(new EnvVarBuilder().withName(variable).withValue(value).build());
        return this;
    }

    /** It can read what is on a claim, and change nothing. */
    public Script lookingInto(String name) {
        claim = new PersistentVolumeClaimVolumeSource(name, true);
        return this;
    }

    /** It can do what it likes to what is on a claim, which nobody else should use meanwhile. */
    public Script workingOn(String name) {
        claim = new PersistentVolumeClaimVolumeSource(name, false);
        return this;
    }

    /** Waits until it has ended. */
    public Ended run() {
        PodResource pod = create();
        Pod ended =
                await(pod, "has ended", seen -> ENDED.contains(seen.getStatus().getPhase()));
        return new Ended(
                "Succeeded".equals(ended.getStatus().getPhase()), pod.getLog().strip());
    }

    /** Lets it run, until the namespace goes, and returns the address of its pod. */
    public String begin() {
        Pod running = await(
                create(),
                "runs",
                seen -> "Running".equals(seen.getStatus().getPhase())
                        && seen.getStatus().getPodIP() != null);
        return running.getStatus().getPodIP();
    }

    /** Removes the pod of one that has ended, and with it its hold on the claim. */
    public void remove() {
        pod().withGracePeriod(0).delete();
        pod().waitUntilCondition(gone -> gone == null, Cluster.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private PodResource create() {
        space.client().resource(manifest()).inNamespace(space.name()).create();
        return pod();
    }

    private PodResource pod() {
        return space.client().pods().inNamespace(space.name()).withName(name);
    }

    private Pod await(PodResource pod, String what, Predicate<Pod> wanted) {
        try {
            return pod.waitUntilCondition(
                    seen -> seen != null && wanted.test(seen), Cluster.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (KubernetesClientTimeoutException e) {
            throw new AssertionError("Waited in vain until the script %s %s".formatted(name, what), e);
        }
    }

    /** As the restricted Pod Security Standard asks for. */
    private Pod manifest() {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(0L)
                .withAutomountServiceAccountToken(false)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName("script")
                .withImage(IMAGE)
                .withCommand("bash", "-c", text)
                .withEnv(environment)
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();
        return claim == null ? pod : withClaim(pod, claim);
    }

    private static Pod withClaim(Pod pod, PersistentVolumeClaimVolumeSource claim) {
        return new PodBuilder(pod)
                .editSpec()
                .addNewVolume()
                .withName("volume")
                .withPersistentVolumeClaim(claim)
                .endVolume()
                .editFirstContainer()
                .addNewVolumeMount()
                .withName("volume")
                .withMountPath(VOLUME)
                .withReadOnly(claim.getReadOnly())
                .endVolumeMount()
                .endContainer()
                .endSpec()
                .build();
    }
}
