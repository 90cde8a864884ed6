package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.model.Probe;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 1, votes, followers, slots, flags. */
abstract class CommandContract extends SqlContract {
    CommandContract(Machine machine) {
        super(machine);
    }

    @Test
    void theEpochIsWrittenDurablyOnStandbysAndPrimaries() {
        Server one = servers.primary(1);
        Server two = servers.standby(2);

        done(commands.adoptEpoch(one.mandate(3)));
        done(commands.adoptEpoch(two.mandate(3)));

        assertThat(one.file("postgresql.auto.conf")).contains("primacy.epoch = '3'");
        await().until(() -> standby(two).epoch() == 3 && primary(one).epoch() == 3);
        two.stop().start();
        assertThat(standby(two).epoch()).isEqualTo(3);
    }

    /** An old application may want it for everybody; what the operator reads of the epoch must not depend on it. */
    @Test
    void whatABackslashMeansElsewhereDoesNotMatter() {
        Server one = servers.server(1)
                .signal()
                .configure("first", "standard_conforming_strings = off")
                .start();

        done(commands.adoptEpoch(one.mandate(3)));
        done(commands.promote(one.mandate(3), null, 1, "", List.of("orders-1")));

        await().until(() -> primary(one).epoch() == 3);
        assertThat(commands.adoptEpoch(one.mandate(2))).isEqualTo(new Outcome.Superseded(3));
    }

    @Test
    void anOlderEpochIsSupersededAndDisturbsNobody() {
        Server one = servers.primary(1);
        Commands newer = new Commands(Servers.connector("two"), servers.replicationFiles());
        done(newer.setPromotable(one.mandate(5), List.of("orders-1")));

        assertThat(commands.setPromotable(one.mandate(4), List.of("orders-9"))).isEqualTo(new Outcome.Superseded(5));

        assertThat(primary(one).promotable()).containsExactly("orders-1");
        assertThat(one.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'primacy:two'"))
                .as("the session of the newer leadership")
                .isEqualTo("1");
        newer.close();
    }

    @Test
    void aSessionOfAnOlderLeadershipIsEndedAndItsNextCommandSuperseded() {
        Server one = servers.primary(1);
        done(commands.adoptEpoch(one.mandate(4)));
        try (Commands newer = new Commands(Servers.connector("two"), servers.replicationFiles())) {
            done(newer.adoptEpoch(one.mandate(5)));

            assertThat(one.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'primacy:one'"))
                    .isEqualTo("0");
            assertThat(commands.checkpoint(one.mandate(4))).isEqualTo(new Outcome.Superseded(5));
        }
    }

    @Test
    void aLeftoverOfTheSameOperatorDoesNotKeepTheLock() throws Exception {
        Server one = servers.primary(1);
        try (SqlSession leftover = Servers.connector("one").open(one.endpoint(), "postgres", SECOND)) {
            leftover.run("SELECT pg_advisory_lock(" + CommandSession.LOCK + ")");

            done(commands.adoptEpoch(one.mandate(1)));
        }
    }

    /** Anybody may take it who may connect, and would keep the operator from a failover. */
    @Test
    void whoHoldsTheLockWithoutBeingAnOperatorIsEnded() throws SQLException {
        Server one = servers.primary(1).allow("host all somebody all trust");
        one.sql("CREATE ROLE somebody LOGIN");
        one.sql("SELECT pg_reload_conf()");
        try (Connection somebody = client(one, "somebody");
                Statement statement = somebody.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + CommandSession.LOCK + ")");

            done(commands.adoptEpoch(one.mandate(1)));

            assertThat(somebody.isValid(1)).isFalse();
        }
    }

    @Test
    void aClientWhoseRoleIsGoneIsEndedBeforeAPromotion() throws SQLException {
        Server one = servers.primary(1);
        Server two =
                servers.server(2).allow("host all somebody all trust").signal().start();
        done(commands.follow(two.mandate(1), "localhost", one.port(), ""));
        one.sql("CREATE ROLE somebody LOGIN");
        await().until(() -> isThere(two, "somebody"));
        try (Connection somebody = client(two, "somebody")) {
            one.sql("DROP ROLE somebody");
            await().until(() -> !isThere(two, "somebody"));

            done(commands.promote(two.mandate(1), null, 1, "", List.of("orders-2")));

            assertThat(somebody.isValid(1)).isFalse();
        }
    }

    private static boolean isThere(Server server, String role) {
        return server.sql("SELECT count(*) FROM pg_roles WHERE rolname = '" + role + "'")
                .equals("1");
    }

    @Test
    void theLockSurvivesAPromotion() {
        Server one = servers.standby(1);
        done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));

        done(commands.checkpoint(one.mandate(1)));
        assertThat(one.sql(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = " + CommandSession.LOCK))
                .isEqualTo("1");
    }

    @Test
    void aVotedStandbyFollowsNobodyAndItsReceiverIsGone() {
        Server one = servers.primary(1);
        Server two = following(one, 2);

        done(commands.vote(two.mandate(2), "ANY 1 (nobody)"));

        Probe.Standby voter = standby(two);
        assertThat(voter.configuration().synchronousStandbyNames()).isEqualTo("ANY 1 (nobody)");
        assertThat(voter.receiver()).isNull();
        assertThat(voter.epoch()).isEqualTo(2);
        assertThat(voter.configuration().primaryConninfo()).isEmpty();
        assertThat(voter.configuration().primarySlotName()).isEmpty();
        String before = voter.position().toString();
        one.sql("CREATE TABLE public.t AS SELECT generate_series(1, 1000) AS n");
        assertThat(standby(two).position()).hasToString(before);
    }

    @Test
    void aVoteResumesAReplayThatSomebodyPaused() {
        Server one = servers.primary(1);
        Server two = following(one, 2);
        two.sql("SELECT pg_wal_replay_pause()");
        one.sql("CREATE TABLE public.t AS SELECT generate_series(1, 1000) AS n");
        await().until(() -> two.sql("SELECT pg_get_wal_replay_pause_state()").equals("paused"));

        done(commands.vote(two.mandate(2), ""));

        await().untilAsserted(() -> {
            assertThat(standby(two).atEnd()).isTrue();
            assertThat(two.sql("SELECT count(*) FROM pg_class WHERE relname = 't'"))
                    .isEqualTo("1");
        });
    }

    @Test
    void aVoteEndsClientsThatHoldUpTheReplay() throws SQLException {
        Server one = servers.primary(1);
        Server two = patientStandby(2);
        try (Connection reader = holdingUpTheReplay(one, two)) {
            done(commands.vote(two.mandate(2), ""));

            assertThat(standby(two).receiver()).isNull();
            assertThat(reader.isValid(1)).isFalse();
        }
    }

    /** As when the primary has died: then nothing but the replay itself tells that somebody holds it up. */
    @Test
    void aVoteEndsClientsThatHoldUpTheReplayWhereTheReceiverHasGoneBefore() throws SQLException {
        Server one = servers.primary(1);
        Server two = patientStandby(2);
        try (Connection reader = holdingUpTheReplay(one, two)) {
            one.kill();
            await().until(() -> standby(two).receiver() == null);
            assertThat(standby(two).atEnd()).as("by itself").isFalse();

            done(commands.vote(two.mandate(2), ""));

            await().untilAsserted(() -> assertThat(standby(two).atEnd()).isTrue());
            assertThat(reader.isValid(1)).isFalse();
        }
    }

    /** A client of the standby who goes on to see what the primary has removed. */
    private Connection holdingUpTheReplay(Server primary, Server standby) throws SQLException {
        done(commands.follow(standby.mandate(1), "localhost", primary.port(), ""));
        primary.sql("CREATE TABLE public.t AS SELECT generate_series(1, 1000) AS n");
        await().until(() ->
                standby.sql("SELECT count(*) FROM pg_class WHERE relname = 't'").equals("1"));
        Connection reader = client(standby);
        try (Statement statement = reader.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM public.t");
        }
        primary.sql("DELETE FROM public.t");
        primary.sql("VACUUM public.t");
        await().until(() -> standby.sql("SELECT wait_event FROM pg_stat_activity WHERE backend_type = 'startup'")
                .startsWith("RecoveryConflict"));
        return reader;
    }

    @Test
    void aPrimaryHasNoVoteAndFollowsNobody() {
        Server one = servers.primary(1);

        assertThat(failure(commands.vote(one.mandate(1), ""))).contains("primary");
        assertThat(failure(commands.follow(one.mandate(1), "localhost", 1, "s")))
                .contains("primary");
    }

    @Test
    void synchronousStandbysAreSetAndSeenInForce() {
        Server one = servers.primary(1);
        Server two = following(one, 2);
        String names = "ANY 1 (\"orders-2\", \"orders-3\")";

        done(commands.setSynchronous(one.mandate(1), names));

        await().untilAsserted(() -> assertThat(primary(one).followers())
                .singleElement()
                .satisfies(follower -> assertThat(follower.syncState()).isEqualTo("quorum")));
        assertThat(primary(one).configuration().synchronousStandbyNames()).isEqualTo(names);
        assertThat(two.member()).isEqualTo("orders-2");
    }

    @Test
    void namesWithQuotesAndBackslashesArriveAsTheyAre() {
        Server one = servers.primary(1);
        List<String> odd = List.of("it's", "back\\slash", "\"quoted\"");

        done(commands.setPromotable(one.mandate(1), odd));
        done(commands.setPromotable(one.mandate(1), odd));

        assertThat(primary(one).promotable()).isEqualTo(odd);
    }

    @Test
    void aSlotKeepsLogFromTheStartAndGoesEvenWhileItIsUsed() {
        Server one = servers.primary(1);
        done(commands.createSlot(one.mandate(1), "orders_3"));
        done(commands.createSlot(one.mandate(1), "orders_3"));
        assertThat(one.sql("SELECT restart_lsn IS NOT NULL FROM pg_replication_slots"))
                .isEqualTo("t");
        Server two = following(one, 2);

        done(commands.dropSlot(one.mandate(1), "orders_2"));
        done(commands.dropSlot(one.mandate(1), "orders_3"));
        done(commands.dropSlot(one.mandate(1), "never_there"));

        assertThat(primary(one).slots()).isEmpty();
        assertThat(two.member()).isEqualTo("orders-2");
    }

    @Test
    void aSlotNameThatPostgresRefusesIsAFailureInItsWords() {
        Server one = servers.primary(1);

        assertThat(failure(commands.createSlot(one.mandate(1), "Not A Slot"))).contains("create slot", "Not A Slot");
    }

    @Test
    void theSoloFlagIsPutAndRemoved() {
        Server one = servers.primary(1);

        done(commands.setSolo(one.mandate(1), true));
        assertThat(primary(one).solo()).isTrue();
        done(commands.setSolo(one.mandate(1), true));
        done(commands.setSolo(one.mandate(1), false));
        done(commands.setSolo(one.mandate(1), false));
        assertThat(primary(one).solo()).isFalse();
        assertThat(one.has("primacy.solo")).isFalse();
    }

    @Test
    void aMemberThatIsNotThereIsAFailureNotAnException() {
        Server one = servers.server(1);

        assertThat(failure(commands.checkpoint(one.mandate(1)))).contains("checkpoint", "refused");
    }

    @Test
    void aCommandEndsWithItsTime() {
        Server one = servers.primary(1);
        done(commands.adoptEpoch(one.mandate(1)));
        servers.machine().shell("kill -STOP $(pgrep -P $(head -1 " + one.data() + "/postmaster.pid))");
        try {
            Duration begun = CLOCK.get();
            Mandate brief = new Mandate(one.endpoint(), 1, Duration.ofMillis(300));
            assertThat(failure(commands.checkpoint(brief))).contains("no answer in time");
            assertThat(CLOCK.get().minus(begun)).isLessThan(SECOND);
        } finally {
            servers.machine().shell("kill -CONT $(pgrep -P $(head -1 " + one.data() + "/postmaster.pid))");
        }
        done(commands.checkpoint(one.mandate(1)));
    }

    @Test
    void commandsGoOnAfterTheServerRestarted() {
        Server one = servers.primary(1);
        done(commands.adoptEpoch(one.mandate(1)));
        one.stop().start();

        done(commands.checkpoint(one.mandate(1)));
    }

    /** A standby that streams from {@code primary} through its slot. */
    Server following(Server primary, int number) {
        Server standby = servers.standby(number);
        String slot = "orders_" + number;
        done(commands.createSlot(primary.mandate(1), slot));
        done(commands.follow(standby.mandate(1), "localhost", primary.port(), slot));
        await().until(() -> {
            Probe.Receiver receiver = standby(standby).receiver();
            return receiver != null && receiver.streaming();
        });
        return standby;
    }
}
