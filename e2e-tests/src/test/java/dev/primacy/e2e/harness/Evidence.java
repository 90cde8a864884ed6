package dev.primacy.e2e.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is kept of a failed test, in {@code e2e-tests/target/e2e/<test>/}: enough to find the fault without running it again. */
final class Evidence {
    /** A test that is tried again does not cover what it left the first time. */
    private static final Map<String, Integer> TRIES = new ConcurrentHashMap<>();

    private final Site site;
    private final Path folder;

    Evidence(Site site, String title) {
        this.site = site;
        int tries = TRIES.merge(title, 1, Integer::sum);
        this.folder = Path.of("target", "e2e", tries == 1 ? title : title + "-" + tries);
    }

    void collect(@Nullable Space space, Throwable failure) {
        keep("failure.txt", () -> stackTrace(failure));
        keep("operator.log", () -> site.operator().log());
        keep("nodes.txt", () -> site.kubectl("get", "nodes", "-o", "wide"));
        if (space == null) {
            return;
        }
        String namespace = space.name();
        keep("clusters.yaml", () -> site.kubectl("get", "postgresclusters", "-n", namespace, "-o", "yaml"));
        keep("describe.txt", () -> site.kubectl("describe", "postgresclusters", "-n", namespace));
        keep(
                "events.txt",
                () -> site.kubectl(
                        "get", "events", "-n", namespace, "--sort-by=.metadata.creationTimestamp", "-o", "wide"));
        keep(
                "objects.txt",
                () -> site.kubectl(
                        "get",
                        "pods,statefulsets,services,endpointslices,pvc,configmaps,pdb,networkpolicies",
                        "-n",
                        namespace,
                        "-o",
                        "wide"));
        keep("pods.yaml", () -> site.kubectl("get", "pods,services,configmaps", "-n", namespace, "-o", "yaml"));
        for (Pod pod : space.client().pods().inNamespace(namespace).list().getItems()) {
            String name = pod.getMetadata().getName();
            for (Container container : pod.getSpec().getContainers()) {
                var log = space.client()
                        .pods()
                        .inNamespace(namespace)
                        .withName(name)
                        .inContainer(container.getName());
                keep(name + "." + container.getName() + ".log", log::getLog);
                keep(
                        name + "." + container.getName() + ".previous.log",
                        () -> log.terminated().getLog());
            }
        }
    }

    /** What cannot be had is said in its place: evidence never hides the failure itself. */
    private void keep(String file, Supplier<String> content) {
        String text;
        try {
            text = content.get();
        } catch (KubernetesClientException | AssertionError | IllegalStateException e) {
            if (file.endsWith(".previous.log")) {
                return;
            }
            text = "could not be had: " + e.getMessage();
        }
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String stackTrace(Throwable failure) {
        StringWriter words = new StringWriter();
        failure.printStackTrace(new PrintWriter(words));
        return words.toString();
    }
}
