package dev.primacy.operator.decide;

import java.util.regex.Pattern;

/** What others said, within a sentence of ours. */
final class Quote {
    private static final Pattern LINE_BREAKS = Pattern.compile("\\s*\\R\\s*");

    /** On one line, and without the full stop. */
    static String of(String words) {
        String line = LINE_BREAKS.matcher(words.strip()).replaceAll(" ");
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }

    private Quote() {}
}
