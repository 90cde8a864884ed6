package dev.primacy.operator.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A seed that was seen to break something is worth something only if it does so again, wherever it is run. */
class DeterminismTest {
    private static final long SEEDS = 8;

    @Test
    void aSeedIsTheSameRunAgain() {
        assertThat(digests()).isEqualTo(digests());
    }

    /** There objects hash to other numbers, and immutable sets and maps are gone through in another order. */
    @Test
    void aSeedIsTheSameRunInAnotherProcess() throws IOException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DeterminismTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(digests());
    }

    /** The other process. */
    public static void main(String[] arguments) {
        System.out.print(digests());
    }

    private static String digests() {
        return LongStream.rangeClosed(1, SEEDS)
                .mapToObj(seed -> seed + " " + digest(seed))
                .collect(Collectors.joining("\n"));
    }

    /** Of what happened and when, of what every pass saw and decided, and of how much was left to chance. */
    private static String digest(long seed) {
        MessageDigest digest = sha256();
        Simulation simulation = new Simulation(seed, Mutation.NONE);
        simulation.steps = step -> digest.update(step.getBytes(StandardCharsets.UTF_8));
        simulation.passes = pass -> digest.update(pass.get().toString().getBytes(StandardCharsets.UTF_8));
        Coverage occurred = simulation.run();
        String end = new TreeMap<>(occurred.counts()) + " " + simulation.time.steps + " "
                + simulation.time.between(0, Long.MAX_VALUE - 1);
        return HexFormat.of().formatHex(digest.digest(end.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
