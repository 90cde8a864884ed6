package dev.primacy.operator.sim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation proves something only if it finds what is wrong: each known mistake, made on purpose, is found. */
@Tag("sim")
class MutationTest {
    /** As many as CI runs of the simulation itself; far more than any of them has needed. */
    private static final long SEEDS = 20_000;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyMistakeIsFound(Mutation mistake) {
        assumeThat(System.getProperty("sim.seed", System.getProperty("sim.seeds")))
                .as("only the simulation itself was asked for")
                .isNull();
        assertThatThrownBy(() -> Campaign.run(SEEDS, 1, mistake))
                .as("%s in %d seeds", mistake, SEEDS)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("invariant " + mistake.breaks)
                .hasMessageContaining("--seed");
    }
}
