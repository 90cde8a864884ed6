package dev.primacy.e2e.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example is accepted as it stands; every invalid one is refused with the message that its first line promises. */
@Tag("crd")
@ExtendWith(Api.Provided.class)
class ExamplesTest {
    private static final Path INVALID = Manifests.EXAMPLES.resolve("invalid");
    private static final String EXPECT = "# expect: ";

    private final Api api;

    ExamplesTest(Api api) {
        this.api = api;
    }

    static List<Path> valid() throws IOException {
        return Manifests.in(Manifests.EXAMPLES);
    }

    static List<Path> invalid() throws IOException {
        return Manifests.in(INVALID);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("valid")
    void isAccepted(Path file) throws IOException {
        List<GenericKubernetesResource> manifests = Manifests.read(file);
        assertThat(manifests)
                .isNotEmpty()
                .allSatisfy(manifest -> assertThat(
                                api.tryCreate(manifest).getMetadata().getUid())
                        .isNotBlank());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalid")
    void isRefusedWithTheMessage(Path file) throws IOException {
        String expected = expectation(file);
        List<GenericKubernetesResource> manifests = Manifests.read(file);
        switch (manifests.size()) {
            case 1 -> refused(() -> api.tryCreate(manifests.getFirst()), expected);
            case 2 -> refusedAsUpdate(manifests.getFirst(), manifests.getLast(), expected);
            default ->
                throw new AssertionError("%s has %d documents; it needs one, or one to begin with and one to refuse"
                        .formatted(file, manifests.size()));
        }
    }

    @Test
    void thereAreInvalidExamplesForEveryKindOfMistake() throws IOException {
        assertThat(invalid()).hasSizeGreaterThanOrEqualTo(45);
    }

    private void refusedAsUpdate(GenericKubernetesResource first, GenericKubernetesResource second, String expected) {
        GenericKubernetesResource created = api.create(Manifests.paused(first));
        try {
            second.getMetadata().setResourceVersion(null);
            refused(() -> api.resource(Manifests.paused(second)).dryRun().update(), expected);
        } finally {
            api.resource(created).delete();
        }
    }

    private static void refused(Runnable attempt, String expected) {
        assertThatThrownBy(attempt::run)
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(expected);
    }

    private static String expectation(Path file) throws IOException {
        String first = Files.readAllLines(file).getFirst();
        assertThat(first).as("the first line of %s", file).startsWith(EXPECT);
        return first.substring(EXPECT.length());
    }
}
