package dev.primacy.e2e.chart;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The program helm, which {@code -Dprimacy.helm} names and {@code ./dev test chart} provides. */
final class Helm {
    static final Path CHART = Path.of("../helm/primacy");

    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private Helm() {}

    /** What a run came to. */
    record Run(int exitCode, String output) {}

    static Run run(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Optional.ofNullable(System.getProperty("primacy.helm")).orElse("helm"));
        command.addAll(Arrays.asList(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(command.getFirst() + " cannot be run; ./dev test chart provides it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Runs {@code helm template} for a release named primacy in the namespace primacy-system. */
    static Run template(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("template", "primacy", CHART.toString(), "--namespace", "primacy-system"));
        all.addAll(Arrays.asList(arguments));
        return run(all.toArray(String[]::new));
    }

    /** The objects that {@code helm template} renders. */
    static List<GenericKubernetesResource> objects(String... arguments) {
        Run run = template(arguments);
        if (run.exitCode() != 0) {
            throw new AssertionError("helm template failed: " + run.output());
        }
        return parse(run.output());
    }

    static List<GenericKubernetesResource> parse(String manifests) {
        return Arrays.stream(manifests.split("(?m)^---$"))
                // A template that renders nothing leaves its source comment.
                .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .map(document -> YAML.unmarshal(document, GenericKubernetesResource.class))
                .toList();
    }
}
