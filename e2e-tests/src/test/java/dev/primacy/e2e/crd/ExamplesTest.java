package dev.primacy.e2e.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example is accepted as it stands; every invalid one is refused with the message that its first lines promise. */
@Tag("crd")
@ExtendWith(Api.Provided.class)
class ExamplesTest {
    private static final Path INVALID = Manifests.EXAMPLES.resolve("invalid");
    private static final String EXPECT = "# expect: ";

    /** What the invalid examples were told, by file. */
    private static final Map<Path, String> REFUSALS = new ConcurrentHashMap<>();

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
        List<String> expected = expectations(file);
        List<GenericKubernetesResource> manifests = Manifests.read(file);
        String message = switch (manifests.size()) {
            case 1 -> refusal(() -> api.tryCreate(manifests.getFirst()));
            case 2 -> refusalOfUpdate(manifests.getFirst(), manifests.getLast());
            default ->
                throw new AssertionError("%s has %d documents; it needs one, or one to begin with and one to refuse"
                        .formatted(file, manifests.size()));
        };
        REFUSALS.put(file, message);
        assertThat(message).contains(expected);
    }

    /** A rule that nothing has ever broken may not work at all. */
    @AfterAll
    static void everyRuleHasRefusedSomething() throws IOException {
        if (REFUSALS.size() == invalid().size()) {
            assertThat(Rules.messages())
                    .as("rules that no file in examples/invalid breaks, by their messages")
                    .filteredOn(rule -> REFUSALS.values().stream().noneMatch(message -> message.contains(rule)))
                    .isEmpty();
        }
    }

    @Test
    void thereAreInvalidExamplesForEveryKindOfMistake() throws IOException {
        assertThat(invalid()).hasSizeGreaterThanOrEqualTo(45);
    }

    private String refusalOfUpdate(GenericKubernetesResource first, GenericKubernetesResource second) {
        GenericKubernetesResource created = api.create(Manifests.paused(first));
        try {
            return refusal(() -> api.resource(Manifests.paused(second)).dryRun().update());
        } finally {
            api.resource(created).delete();
        }
    }

    private static String refusal(Runnable attempt) {
        KubernetesClientException refused = catchThrowableOfType(KubernetesClientException.class, attempt::run);
        assertThat(refused).as("nothing was refused").isNotNull();
        return String.valueOf(refused.getMessage());
    }

    /** What the message contains: more than one part where it lists keys of a map, whose order CEL leaves to chance. */
    private static List<String> expectations(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        assertThat(lines.getFirst()).as("the first line of %s", file).startsWith(EXPECT);
        return lines.stream()
                .takeWhile(line -> line.startsWith(EXPECT))
                .map(line -> line.substring(EXPECT.length()))
                .toList();
    }
}
