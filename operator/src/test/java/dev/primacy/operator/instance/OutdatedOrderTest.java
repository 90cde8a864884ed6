package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.postgres.Commands;
import dev.primacy.operator.postgres.Outcome;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An order to promote that the script obeys, while a session of the operator takes up a newer epoch: one of the two sees the other
 * (rule 1), whatever comes first.
 */
@OnEveryVersion
class OutdatedOrderTest {

    /**
     * The script's commands, each of which waits where it matches the pattern in the file {@code hold}, as a slow disk or
     * a busy machine would have it wait. bash takes functions from its environment, and calls them before commands.
     */
    private static final Map<String, String> HELD = Map.of(
            "BASH_FUNC_held%%",
            "() { local step; while read -r step 2>/dev/null </run/primacy/hold && [[ $* == $step ]]; do"
                    + " : >/run/primacy/held; sleep 0.02; done; command \"$@\"; }",
            "BASH_FUNC_sed%%",
            "() { held sed \"$@\"; }",
            "BASH_FUNC_sync%%",
            "() { held sync \"$@\"; }",
            "BASH_FUNC_kill%%",
            "() { held kill \"$@\"; }");

    private final Lab lab;

    OutdatedOrderTest(int version) {
        lab = new Lab(version);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sync */instruction.done.new", // before the script reads the file with the epoch,
                "sed /^primacy*", // before it writes there,
                "sync */pg_wal", // before it gives the order,
                "kill -USR1 *" // and before postgres hears of that
            })
    void anOrderToPromoteHasNoEffectWhereANewerEpochIsTakenUpInItsMiddle(String step) {
        Member member = lab.initialised(HELD);
        member.exec("echo '" + step + "' >/run/primacy/hold");
        member.instruct("p-1 6 promote 4");
        await().until(() -> member.tryExec("test -e /run/primacy/held").status() == 0);

        try (Commands commands = lab.commands()) {
            assertThat(commands.adoptEpoch(member.mandate(9))).isEqualTo(Outcome.DONE);
        }
        member.exec("rm /run/primacy/hold");

        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(member.log()).doesNotContain("received promote request"));
        assertThat(member.has("pgdata/promote")).isFalse();
        assertThat(member.inRecovery()).isTrue();
        assertThat(member.sql("SHOW primacy.epoch")).isEqualTo("9");
    }
}
