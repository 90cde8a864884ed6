package dev.primacy.operator.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.operator.decide.Trace;
import dev.primacy.operator.decide.Trace.Member;
import dev.primacy.operator.kube.Kubernetes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds recorded passes of an operator, real or simulated, against those invariants of the model that can be seen from there: 1, 3,
 * 4, 5, 6, 8 and 9. Whether commits were lost (2) a workload has to tell, and why a script fenced (7) the script.
 */
final class TraceInvariants {
    /** A former primary that froze, or is being restarted, may be seen beside its successor for so long. */
    private static final long SEEN_TOGETHER = 15_000;

    private static final ObjectMapper MAPPER = Kubernetes.mapper();

    private final Map<String, Sight> sights = new HashMap<>();
    private long epoch;
    private @Nullable String systemId;
    private final Map<Integer, String> primaryOf = new HashMap<>();
    private final Set<String> named = new HashSet<>();
    private final Set<String> seenPrimary = new HashSet<>();
    private final boolean byHand;

    /** What one process of an operator has seen, by its own clock; another may have an older sight. */
    private static final class Sight {
        long at = -1;
        long together = -1;
        long epoch;
        boolean late;
        final Map<String, Long> epochs = new HashMap<>();
    }

    private record Logged(long timestamp, Trace pass) {}

    /**
     * The passes among the log lines of operators, by cluster and in their order: JSON objects whose {@code formattedMessage} is a
     * pass. The last line of a process that was killed may be half a line.
     */
    static Map<String, List<Trace>> read(Stream<String> lines) {
        return lines.filter(line -> line.contains("\"dev.primacy.trace\"") && line.endsWith("}"))
                .distinct() // who follows a log may begin it anew
                .map(TraceInvariants::logged)
                .sorted(Comparator.comparingLong(Logged::timestamp))
                .map(Logged::pass)
                .collect(Collectors.groupingBy(Trace::cluster));
    }

    private static Logged logged(String line) {
        try {
            JsonNode node = MAPPER.readTree(line);
            return new Logged(
                    node.path("timestamp").asLong(),
                    MAPPER.readValue(node.path("formattedMessage").asText(), Trace.class));
        } catch (IOException e) {
            throw new UncheckedIOException("not a line of a trace: " + line, e);
        }
    }

    private TraceInvariants(boolean byHand) {
        this.byHand = byHand;
    }

    /** @throws Violation of the first invariant that does not hold */
    static void check(List<Trace> passes) {
        check(passes, false);
    }

    /**
     * @param byHand somebody promotes members of this cluster behind the operator's back
     * @throws Violation of the first invariant that does not hold
     */
    static void check(List<Trace> passes, boolean byHand) {
        TraceInvariants invariants = new TraceInvariants(byHand);
        passes.forEach(invariants::pass);
    }

    /** The same, of a log that ends when the cluster has been left in peace for a while. */
    static void checkToTheEnd(List<Trace> passes) {
        check(passes);
        settled(passes.getLast());
    }

    private void pass(Trace pass) {
        Sight sight = sights.computeIfAbsent(pass.operator(), first -> new Sight());
        if (pass.at() < sight.at) {
            sight = new Sight(); // the next process in the same pod
            sights.put(pass.operator(), sight);
        }
        sight.at = pass.at();
        written(pass, sight);
        onePrimary(pass, sight);
        for (Member member : pass.members()) {
            epochGrows(pass, member, sight.epochs);
            if (member.primary()) {
                promotedOnce(pass, member);
            }
            follows(pass, member);
            if (systemId != null && !systemId.equals(member.systemId())) {
                throw violated(9, pass, member.name() + " has the data of another cluster, " + member.systemId());
            }
        }
        for (String target : pass.promotes()) {
            if (!target.equals(pass.written().target())) {
                throw violated(6, pass, target + " is to be promoted, and no persisted intent names it");
            }
        }
    }

    private void written(Trace pass, Sight sight) {
        Trace.Written facts = pass.written();
        if (facts.epoch() == 0) {
            return; // the status is new, or was lost; what follows has to be above what was before
        }
        // Who was stopped amid a pass tells of that one when it goes on, and another may have taken over meanwhile.
        boolean goesBack = facts.epoch() < epoch;
        if (goesBack && (facts.epoch() != sight.epoch || sight.late)) {
            throw violated(5, pass, "the epoch went from " + epoch + " to " + facts.epoch());
        }
        sight.late = goesBack;
        sight.epoch = facts.epoch();
        epoch = Math.max(epoch, facts.epoch());
        if (systemId != null && facts.systemId() != null && !facts.systemId().equals(systemId)) {
            throw violated(9, pass, "the system identifier went from " + systemId + " to " + facts.systemId());
        }
        systemId = facts.systemId() == null ? systemId : facts.systemId();
        if (facts.target() != null) {
            named.add(facts.target());
        }
        if (facts.primary() != null) {
            named.add(facts.primary());
        }
    }

    private static void onePrimary(Trace pass, Sight sight) {
        long primaries = pass.members().stream().filter(Member::primary).count();
        if (primaries < 2) {
            sight.together = -1;
        } else if (sight.together < 0) {
            sight.together = pass.at();
        } else if (pass.at() - sight.together > SEEN_TOGETHER) {
            throw violated(
                    1, pass, primaries + " members have been primary for " + (pass.at() - sight.together) + " ms");
        }
    }

    private static void epochGrows(Trace pass, Member member, Map<String, Long> epochs) {
        String copy = member.name() + " on " + member.volume();
        long before = epochs.getOrDefault(copy, 0L);
        if (member.epoch() < before) {
            throw violated(5, pass, "the epoch of " + copy + " went from " + before + " to " + member.epoch());
        }
        epochs.put(copy, member.epoch());
    }

    private void promotedOnce(Trace pass, Member member) {
        String owner = primaryOf.putIfAbsent(member.timeline(), member.name());
        if (owner != null && !owner.equals(member.name())) {
            throw violated(3, pass, "timeline " + member.timeline() + " is of " + owner + " and of " + member.name());
        }
        if (seenPrimary.add(member.name() + " on timeline " + member.timeline())
                && !member.solo()
                && !byHand
                && !named.contains(member.name())) {
            throw violated(6, pass, member.name() + " is primary, and no persisted intent ever named it");
        }
    }

    /** A standby that streams from the primary stands where the primary's log has been. */
    private static void follows(Trace pass, Member standby) {
        pass.members().stream()
                .filter(Member::primary)
                .filter(primary ->
                        standby.upstream() != null && standby.upstream().startsWith(primary.name() + "-0."))
                .filter(primary -> standby.timeline() < primary.timeline())
                .forEach(primary -> {
                    boolean prefix = primary.forks().stream()
                            .anyMatch(fork -> fork.parent() == standby.timeline() && standby.lsn() <= fork.end());
                    if (!prefix && !primary.forks().isEmpty()) {
                        throw violated(
                                4,
                                pass,
                                standby.name() + " streams from " + primary.name() + " and stands beside its log");
                    }
                });
    }

    private static void settled(Trace last) {
        Trace.Written facts = last.written();
        List<String> primaries = last.members().stream()
                .filter(Member::primary)
                .map(Member::name)
                .toList();
        boolean peace = !facts.intent()
                && primaries.size() == 1
                && primaries.getFirst().equals(facts.primary())
                && Objects.equals(last.routed(), facts.primary());
        if (!peace) {
            throw violated(
                    8,
                    last,
                    "at the end " + primaries + " are primary, " + last.routed() + " is routed, and " + facts
                            + " is written down");
        }
    }

    private static Violation violated(int invariant, Trace pass, String what) {
        return new Violation(invariant, what + ", at " + pass.at() + " ms of " + pass.operator());
    }
}
