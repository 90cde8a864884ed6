package dev.primacy.operator.postgres;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Has PostgreSQL itself judge a postgresql.conf before any member gets it. An unknown name or a bad value in the mounted file would
 * make every later reload fail as a whole – those of the settings that a failover rests on included.
 */
final class ConfigurationCheck {
    private static final String FILE = "/tmp/primacy-check.conf";
    private static final String ANSWER = "/tmp/primacy-check.out";
    private static final String JUDGED = "judged";
    /** SQLSTATE invalid_regular_expression. */
    private static final String NO_EXPRESSION = "2201B";

    private ConfigurationCheck() {}

    /**
     * Done: PostgreSQL of this member's version and libraries accepts the text, and what pg_hba.conf is to have as regular expressions. Refused: its
     * own words on what is wrong. (A pg_hba.conf that it cannot read it loads not at all, and with it alone it does not start.)
     */
    static Outcome check(SqlSession sql, String postgresqlConf, List<String> expressions) throws SQLException {
        Outcome judged = check(sql, postgresqlConf);
        for (String expression : judged.equals(Outcome.DONE) ? expressions : List.<String>of()) {
            try {
                sql.run("SELECT '' ~ " + Quoting.literal(expression));
            } catch (SQLException e) {
                if (NO_EXPRESSION.equals(e.getSQLState())) {
                    return new Outcome.Refused("pg_hba.conf: /" + expression + " in spec.access: " + Failures.words(e));
                }
                throw e;
            }
        }
        return judged;
    }

    private static Outcome check(SqlSession sql, String postgresqlConf) throws SQLException {
        String text = Base64.getEncoder().encodeToString(postgresqlConf.getBytes(StandardCharsets.UTF_8));
        // The working directory is the data directory. -C parses the files as a start does, and starts nothing.
        String program = "base64 -d > " + FILE + "; postgres -C max_connections -D . -c config_file=" + FILE + " > "
                + ANSWER + " 2>&1 && echo " + JUDGED + " > " + ANSWER + "; rm -f " + FILE;
        sql.run("COPY (SELECT " + Quoting.literal(text) + ") TO PROGRAM " + Quoting.literal(program));
        String answer = sql.text("SELECT pg_read_file(" + Quoting.literal(ANSWER) + ")");
        return answer.strip().equals(JUDGED) ? Outcome.DONE : new Outcome.Refused(complaints(answer));
    }

    /** The lines that name a fault, without the log's prefix and the path of the copy. */
    private static String complaints(String answer) {
        List<String> lines = answer.lines()
                .map(line -> line.replaceFirst("^.*?(LOG|ERROR|FATAL): +", ""))
                .map(line -> line.replace("in file \"" + FILE + "\" ", "in postgresql.conf "))
                .filter(line -> !line.startsWith("configuration file ") && !line.isBlank())
                .distinct()
                .toList();
        return lines.stream().collect(Collectors.joining("; "));
    }
}
