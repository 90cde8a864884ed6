package dev.primacy.operator.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.primacy.operator.decide.Trace;
import dev.primacy.operator.decide.Trace.Member;
import dev.primacy.operator.decide.Trace.Written;
import dev.primacy.operator.kube.Kubernetes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an operator logs of its passes can be held against the invariants, whether it is real or simulated. */
class TraceTest {

    /** {@code -Dsim.trace=FILE}: an operator's log, with dev.primacy.trace at DEBUG. */
    @Test
    void theLogOfAnOperatorKeepsTheInvariants() throws IOException {
        String file = System.getProperty("sim.trace");
        List<String> lines = file == null
                ? simulated().findFirst().orElseThrow().getPayload().stream()
                        .map(TraceTest::logged)
                        .toList()
                : Files.readAllLines(Path.of(file));
        Map<String, List<Trace>> clusters = TraceInvariants.read(lines.stream());
        assertThat(clusters).isNotEmpty();
        clusters.values().forEach(TraceInvariants::checkToTheEnd);
    }

    /**
     * {@code -Dsim.traces=FOLDER}: what the e2e tests kept of all their operators, and the clusters in which they promoted somebody
     * themselves. Clusters are deleted in every state, so that the end is not judged.
     */
    @Test
    @Tag("passes")
    void thePassesOfTheEndToEndTestsKeepTheInvariants() throws IOException {
        Path folder = Path.of(System.getProperty("sim.traces"));
        Map<String, List<Trace>> clusters;
        try (Stream<Path> files = Files.list(folder)) {
            clusters = TraceInvariants.read(files.flatMap(TraceTest::lines));
        }
        Path promoted = folder.resolve("promoted-by-hand");
        List<String> byHand = Files.exists(promoted) ? Files.readAllLines(promoted) : List.of();
        List<Trace> passes = clusters.values().stream().flatMap(List::stream).toList();
        assertThat(passes).isNotEmpty();
        if (passes.stream().flatMap(pass -> pass.members().stream()).anyMatch(it -> it.primary() && !it.solo())) {
            assertThat(passes).anyMatch(pass -> !pass.promotes().isEmpty());
        }
        System.out.printf(
                "%d passes in the lives of %d clusters, %d with a promotion%n",
                passes.size(),
                clusters.size(),
                passes.stream().filter(pass -> !pass.promotes().isEmpty()).count());
        assertThat(clusters)
                .allSatisfy((cluster, its) -> assertThatCode(() -> TraceInvariants.check(its, byHand.contains(cluster)))
                        .as(cluster)
                        .doesNotThrowAnyException());
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("simulated")
    void simulatedPassesKeepTheInvariants(List<Trace> passes) {
        assertThatCode(() -> TraceInvariants.check(passes)).doesNotThrowAnyException();
    }

    /** Of twelve seeds, but none in which an older status was restored: there the epoch shrinks, and nobody meant it. */
    static Stream<Named<List<Trace>>> simulated() {
        return LongStream.iterate(1, seed -> seed + 1)
                .mapToObj(TraceTest::passesOf)
                .flatMap(Optional::stream)
                .limit(12);
    }

    private static Optional<Named<List<Trace>>> passesOf(long seed) {
        Simulation simulation = new Simulation(seed, Mutation.NONE);
        List<Trace> passes = new ArrayList<>();
        simulation.passes = pass -> passes.add(pass.get());
        simulation.run();
        return simulation.statusIsOlder ? Optional.empty() : Optional.of(Named.of("seed " + seed, passes));
    }

    @Test
    void aTimelineOfTwoMembersIsFound() {
        assertBreaks(3, pass(1, "a", primary("a", 4, 1)), pass(2, "b", primary("b", 4, 2)));
    }

    @Test
    void twoPrimariesThatStayAreFound() {
        assertBreaks(
                1,
                pass(1, "a", primary("a", 4, 1)),
                pass(2, "b", primary("a", 4, 1), primary("b", 5, 2)).at(10),
                pass(2, "b", primary("a", 4, 1), primary("b", 5, 2)).at(20_000));
    }

    @Test
    void aFollowerBesideItsUpstreamsLogIsFound() {
        Member upstream = new Member("a", "va", true, false, 1, "7", 3, 500, null, List.of(new Trace.Fork(2, 300)));
        Member standby = new Member("b", "vb", false, false, 1, "7", 2, 400, "a-0.x", List.of());
        assertBreaks(4, pass(1, "a", upstream, standby));
    }

    @Test
    void anEpochThatShrinksIsFound() {
        assertBreaks(5, pass(2, "a", primary("a", 4, 2)), pass(1, "a", primary("a", 4, 2)));
        assertBreaks(5, pass(2, "a", primary("a", 4, 2)), pass(2, "a", primary("a", 4, 1)));
    }

    @Test
    void aPrimaryThatNobodyMeantIsFound() {
        Pass seen = pass(1, "a", primary("b", 4, 1));
        assertBreaks(6, seen);
        assertThatCode(() -> TraceInvariants.check(List.of(seen.trace()), true)).doesNotThrowAnyException();
    }

    @Test
    void anEndWithoutRoutedPrimaryIsFound() {
        assertBreaks(8, pass(1, "a"));
    }

    @Test
    void theDataOfAnotherClusterIsFound() {
        assertBreaks(9, pass(1, "a", new Member("a", "va", true, false, 1, "8", 1, 10, null, List.of())));
    }

    private static void assertBreaks(int invariant, Pass... passes) {
        assertThatThrownBy(() -> TraceInvariants.checkToTheEnd(
                        Stream.of(passes).map(Pass::trace).toList()))
                .hasMessageContaining("invariant " + invariant);
    }

    private static String logged(Trace pass) {
        try {
            return "{\"loggerName\":\"dev.primacy.trace\",\"formattedMessage\":"
                    + Kubernetes.mapper().writeValueAsString(Kubernetes.mapper().writeValueAsString(pass)) + "}";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Pass(long at, Written written, List<Member> members) {
        Pass at(long other) {
            return new Pass(other, written, members);
        }

        Trace trace() {
            return new Trace("uid", "o", at, "Upkeep", written, null, written.primary(), members, List.of(), List.of());
        }
    }

    private static Pass pass(long epoch, @Nullable String primary, Member... members) {
        return new Pass(0, new Written(epoch, "7", "a", primary, false, null, 4), List.of(members));
    }

    private static Member primary(String name, int timeline, long epoch) {
        return new Member(name, "v" + name, true, false, epoch, "7", timeline, 100, null, List.of());
    }
}
