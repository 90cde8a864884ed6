package dev.primacy.testbed;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The cluster that a test runs against: the test bed, or one that a person names with {@code --context}.
 *
 * @param context the context of the person's own kubeconfig; empty for the test bed
 * @param testbed what can do faults; empty for a cluster of a person's own
 */
public record Cluster(Optional<String> context, Optional<Testbed> testbed) {

    /** The context given by {@code -Dprimacy.context=NAME}, else the test bed, which is started if need be. */
    public static Cluster current() {
        String context = System.getProperty("primacy.context", "");
        return context.isBlank()
                ? new Cluster(Optional.empty(), Optional.of(Testbed.up()))
                : new Cluster(Optional.of(context), Optional.empty());
    }

    /** A client with an administrator's access; the caller closes it. */
    public KubernetesClient client() {
        return testbed.map(Testbed::client)
                .orElseGet(() -> new KubernetesClientBuilder()
                        .withConfig(Config.autoConfigure(context.orElseThrow()))
                        .build());
    }

    /** Makes an image of this machine's engine known to the test bed's nodes; a cluster of one's own pulls. */
    public void provide(String image) {
        testbed.ifPresent(bed -> bed.loadImage(image));
    }

    /**
     * Runs the real Helm against this cluster and returns what it printed.
     *
     * @throws TestbedException with what Helm said when it fails
     */
    public String helm(String... arguments) {
        List<String> command = new ArrayList<>(List.of(helmPath()));
        context.ifPresent(name -> command.addAll(List.of("--kube-context", name)));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        testbed.ifPresent(
                bed -> builder.environment().put("KUBECONFIG", bed.kubeconfig().toString()));
        try {
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new TestbedException("`%s` failed: %s".formatted(String.join(" ", command), output.strip()));
            }
            return output;
        } catch (IOException e) {
            throw new TestbedException("Helm cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TestbedException("interrupted", e);
        }
    }

    /** Given by ./dev; else the one that ./dev has built, for a test started from an editor. */
    private static String helmPath() {
        String given = System.getProperty("primacy.helm", "");
        if (!given.isBlank()) {
            return given;
        }
        try (var built = Files.walk(Places.folder(Places.cache().resolve("bin")), 2)) {
            return built.filter(file -> file.endsWith("helm"))
                    .map(Path::toString)
                    .findFirst()
                    .orElse("helm");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
