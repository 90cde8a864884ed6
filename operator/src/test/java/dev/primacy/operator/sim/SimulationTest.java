package dev.primacy.operator.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.decide.Decider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code -Dsim.seed=N} replays one seed and tells what happened; {@code -Dsim.seeds=N} runs so many, from {@code -Dsim.first=M}.
 */
class SimulationTest {
    private static final long SEEDS = 20_000;

    private static final Path REPORT = Path.of("target", "simulation.txt");

    /** A cluster that deletes itself would end the run. */
    private static final String NOT_SIMULATED = "Expiry";

    @Test
    void someSeeds() {
        assertThat(Campaign.run(Long.getLong("sim.quick", 300), 1, Mutation.NONE))
                .containsEntry("run", Long.getLong("sim.quick", 300));
    }

    /** Nothing that is to happen stops happening unnoticed: neither a fault of the list, nor a boundary, nor a rule, nor an invariant's end. */
    @Test
    @Tag("sim")
    void manySeeds() throws IOException {
        Long seed = Long.getLong("sim.seed");
        if (seed != null) {
            Simulation simulation = new Simulation(seed, mutation());
            simulation.steps = System.out::println;
            System.out.println(Coverage.report(simulation.run().counts()));
            return;
        }
        long seeds = Long.getLong("sim.seeds", SEEDS);
        long begun = System.nanoTime();
        Branches branches = new Branches(SimulationTest.class.getClassLoader());
        Map<String, Long> counts = branches.run(seeds, Long.getLong("sim.first", 1), mutation());
        String summary = String.format(
                "%d seeds of %d s in %.0f s%n%s",
                seeds, Simulation.SECONDS, (System.nanoTime() - begun) / 1e9, branches.summary());
        Files.writeString(REPORT, summary + Coverage.report(counts) + branches.table());
        // ./dev shows what is marked.
        summary.lines().forEach(line -> System.out.println("| " + line));
        System.out.println("| how often each fault, rule and branch occurred: " + REPORT.toAbsolutePath());
        if (seeds >= SEEDS) {
            assertThat(counts.keySet())
                    .as("faults, boundaries and rules that occurred")
                    .containsAll(expected());
        }
    }

    private static Set<String> expected() {
        Set<String> expected = new TreeSet<>(Faults.all());
        Boundary.all().forEach(expected::add);
        Decider.rules().stream()
                .filter(rule -> !rule.equals(NOT_SIMULATED))
                .forEach(rule -> expected.add("rule: " + rule));
        return expected;
    }

    private static Mutation mutation() {
        return Mutation.valueOf(System.getProperty("sim.mutation", "NONE"));
    }
}
