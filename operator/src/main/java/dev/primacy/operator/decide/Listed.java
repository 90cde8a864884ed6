package dev.primacy.operator.decide;

import dev.primacy.operator.model.Facts;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * The facts list every value that may be in force on the primary: the wanted one is added, the primary told, the others dropped
 * once it is seen in force. The newest stands last.
 */
final class Listed {

    /**
     * The next fact to write down, if one is due.
     *
     * @param inForce whether the wanted value is seen in force on the primary, under the facts' epoch
     */
    static <T> Optional<Facts> step(
            Facts facts, List<T> listed, T wanted, boolean inForce, BiFunction<Facts, List<T>, Facts> written) {
        if (listed.isEmpty() || !listed.getLast().equals(wanted)) {
            // Back to an earlier value: the newer one may still be on its way to the primary, in a session that hangs,
            // and look
            // as if it never came. A new epoch ends that session before the primary is seen under it.
            Facts from = listed.contains(wanted) ? facts.withEpoch(facts.epoch() + 1) : facts;
            return Optional.of(written.apply(from, with(listed, wanted)));
        }
        return listed.size() > 1 && inForce ? Optional.of(written.apply(facts, List.of(wanted))) : Optional.empty();
    }

    /** The list with {@code newest} last, and once. */
    static <T> List<T> with(List<T> listed, T newest) {
        return Stream.concat(listed.stream().filter(value -> !value.equals(newest)), Stream.of(newest))
                .toList();
    }

    private Listed() {}
}
