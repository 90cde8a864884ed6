package dev.primacy.operator.model;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an annotation on a member's pod tells its script, which obeys each once: the way to who cannot be told over SQL.
 *
 * @param id by it the script, and whoever gives it, know it again; it says what it was given for
 * @param epoch under which it was given; the script obeys none older than its own
 * @param argument whom to copy from, or up to which timeline a promotion finds the numbers reserved; empty for a restart
 */
public record Instruction(String id, long epoch, Verb verb, String argument) {

    public enum Verb {
        PROMOTE,
        REWIND,
        CLONE,
        RESTART;

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Reads the annotation; empty if there is none, or none that the script would obey. */
    public static Optional<Instruction> parse(@Nullable String text) {
        String[] words = text == null ? new String[0] : text.strip().split(" ");
        if (words.length < 3 || !isNumber(words[1])) {
            return Optional.empty();
        }
        String argument = words.length > 3 ? words[3] : "";
        return Stream.of(Verb.values())
                .filter(verb -> verb.word().equals(words[2]))
                .filter(verb -> verb != Verb.PROMOTE || isNumber(argument))
                .map(verb -> new Instruction(words[0], Long.parseLong(words[1]), verb, argument))
                .findFirst();
    }

    private static boolean isNumber(String word) {
        return word.matches("\\d{1,9}");
    }

    /** The annotation. */
    public String text() {
        return (id + " " + epoch + " " + verb.word() + " " + argument).strip();
    }
}
