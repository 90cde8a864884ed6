package dev.primacy.operator.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whatever a value or name contains, PostgreSQL reads back exactly that, and nothing beside it. */
class QuotingTest {
    private static final String LETTERS = "ab'\"\\ ,#=\n\r\t%/+@!é*-;";
    private static final int ROUNDS = 5_000;

    @Test
    @DisplayName("a parameter's value is read back as it was given, and stays on its line")
    void parameterValueSurvives() {
        Random random = new Random(1);
        for (int round = 0; round < ROUNDS; round++) {
            String value = text(random, LETTERS);
            String quoted = PostgresqlConf.quoted(value);
            assertThat(quoted).doesNotContain("\n", "\r");
            assertThat(readParameter(quoted)).as(quoted).isEqualTo(value);
        }
    }

    @Test
    @DisplayName("names in an access rule are read back as they were given, each as one name without special meaning")
    void accessNamesSurvive() {
        Random random = new Random(2);
        String letters = LETTERS.replaceAll("[\n\r\t]", "");
        for (int round = 0; round < ROUNDS; round++) {
            List<String> names = List.of("x" + text(random, letters), "+" + text(random, letters), "all");
            String line = PgHba.line("host", names, List.of("@file", "replication"), "all", "scram-sha-256");
            assertThat(readHba(line))
                    .as(line)
                    .containsExactly(
                            List.of("host"),
                            names,
                            List.of("@file", "replication"),
                            List.of("all"),
                            List.of("scram-sha-256"));
        }
    }

    @Test
    @DisplayName("a name with a line break is refused, in words that do not repeat the break")
    void lineBreakIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PgHba.line("host", List.of("a\nhost all all all trust"), List.of(), "all", "reject"))
                .withMessageContaining("'a?host all all all trust'");
    }

    private static String text(Random random, String letters) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(12); length > 0; length--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    /** As GUC_scanstr in PostgreSQL's guc-file.l reads a quoted value. */
    private static String readParameter(String quoted) {
        assertThat(quoted).matches("(?s)'([^'\\\\\n]|\\\\.|'')*'");
        StringBuilder value = new StringBuilder();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c == '\\') {
                char escaped = quoted.charAt(++i);
                value.append(
                        switch (escaped) {
                            case 'b' -> '\b';
                            case 'f' -> '\f';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            case 't' -> '\t';
                            default -> escaped;
                        });
            } else if (c == '\'') {
                value.append(quoted.charAt(++i));
            } else {
                value.append(c);
            }
        }
        return value.toString();
    }

    /** As next_token in PostgreSQL's hba.c reads a line; an unquoted name that means more than itself fails. */
    private static List<List<String>> readHba(String line) {
        List<List<String>> fields = new ArrayList<>();
        int i = 0;
        while (i < line.length() && line.charAt(i) != '\n') {
            if (line.charAt(i) == ' ') {
                i++;
                continue;
            }
            List<String> names = new ArrayList<>();
            boolean more = true;
            while (more) {
                StringBuilder name = new StringBuilder();
                boolean inQuotes = false;
                while (i < line.length() && (inQuotes || " ,\n#".indexOf(line.charAt(i)) < 0)) {
                    char c = line.charAt(i++);
                    if (c != '"') {
                        name.append(c);
                    } else if (inQuotes && i < line.length() && line.charAt(i) == '"') {
                        name.append(line.charAt(i++));
                    } else {
                        inQuotes = !inQuotes;
                    }
                }
                assertThat(inQuotes).as("an open quote in " + line).isFalse();
                names.add(name.toString());
                more = i < line.length() && line.charAt(i) == ',';
                i += more ? 1 : 0;
            }
            fields.add(names);
        }
        return fields;
    }
}
