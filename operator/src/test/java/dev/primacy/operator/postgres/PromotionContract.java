package dev.primacy.operator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.primacy.operator.model.Probe;
import dev.primacy.operator.model.TimelineHistory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules 6 and 7, and what a standby does with the timelines that result. */
abstract class PromotionContract extends SqlContract {
    PromotionContract(Machine machine) {
        super(machine);
    }

    @Test
    void aPromotedMemberIsWritableUnderItsSettings() {
        Server one = servers.standby(1);

        done(commands.promote(one.mandate(3), null, 1, "ANY 1 (\"orders-2\")", List.of("orders-1", "orders-2")));

        Probe.Primary seen = primary(one);
        assertThat(seen.position().timeline()).isEqualTo(2);
        assertThat(seen.epoch()).isEqualTo(3);
        assertThat(seen.promotable()).containsExactly("orders-1", "orders-2");
        assertThat(seen.configuration().synchronousStandbyNames()).isEqualTo("ANY 1 (\"orders-2\")");
        TimelineHistory history = seen.history();
        assertThat(history).isNotNull();
        assertThat(history.forks())
                .singleElement()
                .satisfies(fork -> assertThat(fork.parent()).isEqualTo(1));
    }

    @Test
    void aPromotionIsQuick() {
        Server one = servers.standby(1);
        done(commands.adoptEpoch(one.mandate(1)));

        Duration begun = CLOCK.get();
        done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));

        assertThat(CLOCK.get().minus(begun)).isLessThan(SECOND);
    }

    @Test
    void promotingAPrimaryAgainChangesNoTimeline() {
        Server one = servers.standby(1);
        done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));

        done(commands.promote(one.mandate(1), null, 5, "", List.of("orders-1")));

        assertThat(primary(one).position().timeline()).isEqualTo(2);
    }

    @Test
    void reservedTimelinesAreNotTakenAndFollowersStreamAcrossThem() {
        Server one = servers.standby(1);
        Server two = servers.standby(2);

        done(commands.promote(one.mandate(1), null, 4, "", List.of("orders-1")));
        assertThat(primary(one).position().timeline()).isEqualTo(5);
        done(commands.follow(two.mandate(1), "localhost", one.port(), ""));

        one.sql("CREATE TABLE public.t AS SELECT 1 AS n");
        await().untilAsserted(() -> {
            Probe.Standby seen = standby(two);
            assertThat(seen.position().timeline()).isEqualTo(5);
            assertThat(two.sql("SELECT count(*) FROM pg_class WHERE relname = 't'"))
                    .isEqualTo("1");
        });
        // And it comes up again with all these histories in its directory.
        two.stop().start();
        await().untilAsserted(() -> assertThat(standby(two).receiver()).isNotNull());
    }

    /** Without the reservation both would own timeline 2, and diverge in silence. */
    @Test
    void twoPromotionsOfTheSamePastDoNotShareATimeline() {
        Server one = servers.standby(1);
        Server two = servers.standby(2);
        done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));

        done(commands.promote(two.mandate(2), null, 2, "", List.of("orders-2")));

        assertThat(primary(one).position().timeline()).isEqualTo(2);
        assertThat(primary(two).position().timeline()).isEqualTo(3);
        TimelineHistory newer = primary(two).history();
        assertThat(newer).isNotNull();
        assertThat(newer.contains(primary(one).position()))
                .as("the first has diverged")
                .isFalse();
    }

    @Test
    void reservationsWithoutAPromotionWouldKeepAMemberFromStartingSoTheScriptTakesThemAway() throws Exception {
        Server two = servers.standby(2);
        try (SqlSession session = session(two)) {
            Promotion.reserve(session, 1, 3);
        }
        two.stop();

        assertThatThrownBy(() -> two.startWithin(5)).hasMessageContaining("did not start in time");

        two.kill();
        two.script("forget_histories");
        two.start();
        assertThat(standby(two).position().timeline()).isEqualTo(1);
    }

    @Test
    void theScriptKeepsReservationsBelowATimelineThatWasReached() {
        Server one = servers.standby(1);
        done(commands.promote(one.mandate(1), null, 3, "", List.of("orders-1")));

        one.script("forget_histories");

        assertThat(one.has("pg_wal/00000002.history")).isTrue();
        assertThat(one.has("pg_wal/00000003.history")).isTrue();
        assertThat(one.has("pg_wal/00000004.history")).isTrue();
    }

    /** See PostgresFactsTest, aStandbyThatStrayed: with the history it would take its own log beyond the fork for the other's. */
    @Test
    void theScriptTakesAwayTheHistoryOfATimelineOfWhichThereIsNoLog() {
        Server one = servers.standby(1);
        done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));
        one.sql(
                "COPY (SELECT E'1\t0/3000000\tno recovery target specified\n\n2\t0/3000100\tno recovery target specified')"
                        + " TO PROGRAM 'cat > pg_wal/00000003.history'");

        one.script("forget_histories");

        assertThat(one.has("pg_wal/00000002.history")).isTrue();
        assertThat(one.has("pg_wal/00000003.history")).isFalse();
    }

    /** See PostgresFactsTest, aSegmentOfWhichHalfCame: the old one has all of it. */
    @Test
    void theScriptTakesAwayASegmentOfWhichHalfCame() {
        Server one = servers.standby(1);
        done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));
        String segment = one.sql("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 9)");
        one.kill();

        one.script("forget_half_segments");
        assertThat(one.has("pg_wal/00000002" + segment)).as("it is whole").isTrue();

        servers.machine()
                .shell("dd if=/dev/zero of=" + one.data() + "/pg_wal/00000002" + segment
                        + " bs=8192 seek=1 count=1 conv=notrunc status=none");
        one.script("forget_half_segments");
        assertThat(one.has("pg_wal/00000002" + segment)).isFalse();
        assertThat(one.has("pg_wal/00000001" + segment)).isTrue();
    }

    @Test
    void aMemberWithReservationsThatWasNotPromotedFollowsTheRealOwnerOfTheirNumbers() throws Exception {
        Server one = servers.standby(1);
        Server two = servers.standby(2);
        // It got the reservation for 2 and 3, and then the operator died.
        try (SqlSession session = session(two)) {
            Promotion.reserve(session, 1, 3);
        }
        // It looks for a newer timeline whenever it finds nobody to stream from.
        await().until(() -> two.log().contains("is not a child of database system timeline"));
        // The operator that came next promoted the other, which owns 2 now.
        done(commands.promote(one.mandate(2), null, 1, "", List.of("orders-1")));
        done(commands.follow(two.mandate(2), "localhost", one.port(), ""));

        one.sql("CREATE TABLE public.t AS SELECT 1 AS n");

        await().untilAsserted(() -> {
            assertThat(standby(two).position().timeline()).isEqualTo(2);
            assertThat(two.sql("SELECT count(*) FROM pg_class WHERE relname = 't'"))
                    .isEqualTo("1");
        });
        assertThat(two.has("pg_wal/00000003.history")).isFalse();
    }

    /** Rule 6: what was reserved when it was chosen says nothing about the number that it would take now. */
    @Test
    void whoHasFollowedToALaterTimelineSinceItWasChosenIsNotPromoted() {
        Server one = servers.standby(1);
        Server two = servers.standby(2);
        done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));
        done(commands.follow(two.mandate(1), "localhost", one.port(), ""));
        await().untilAsserted(
                        () -> assertThat(standby(two).position().timeline()).isEqualTo(2));

        assertThat(commands.promote(two.mandate(1), null, 1, "", List.of("orders-2")))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.toString()).contains("timeline 2"));

        assertThat(standby(two).position().timeline()).isEqualTo(2);
    }

    @Test
    void aSupersededOperatorCannotPromote() {
        Server one = servers.standby(1);
        try (Commands newer = new Commands(Servers.connector("two"), servers.replicationFiles())) {
            done(newer.adoptEpoch(one.mandate(9)));

            assertThat(commands.promote(one.mandate(8), null, 1, "", List.of("orders-1")))
                    .isEqualTo(new Outcome.Superseded(9));
        }
        assertThat(standby(one).position().timeline()).isEqualTo(1);
    }

    /** The startup process looks at an order only when it is through with its replay. */
    @Test
    void whoTakesUpANewerEpochDropsAnOrderToPromoteThatIsNotBegun() {
        Server one = servers.standby(1);
        servers.machine().shell("touch " + one.data() + "/promote");

        done(commands.adoptEpoch(one.mandate(2)));

        assertThat(one.has("promote")).isFalse();
        assertThat(standby(one).atEnd()).isTrue();
    }

    @Test
    void aSessionThatBrokeOffBeforeTheEpochWasSeenIsMadeUpFor() {
        Server one = servers.standby(1);
        one.sql("ALTER SYSTEM SET primacy.epoch = '2'");
        servers.machine().shell("touch " + one.data() + "/promote");

        done(commands.adoptEpoch(one.mandate(2)));

        assertThat(one.has("promote")).isFalse();
        await().until(() -> standby(one).epoch() == 2);
    }

    /** Rule 3: so it is not taken for fenced, however long the end of its recovery takes. */
    @Test
    void aPromotionThatIsUnderWayIsNotTakenBackAndDoesNotWaitForLog() {
        Server one = servers.server(1)
                .configure("first", "recovery_end_command = 'until [ -e go ]; do sleep 0.1; done'")
                .signal()
                .start();
        one.sql("SELECT pg_promote(false)");
        await().until(() -> !one.has("promote"));

        done(commands.adoptEpoch(one.mandate(2)));

        await().until(() -> standby(one).epoch() == 2);
        assertThat(standby(one).atEnd()).isFalse();
        servers.machine().shell("touch " + one.data() + "/go");
        await().untilAsserted(() -> assertThat(primary(one).epoch()).isEqualTo(2));
    }

    @Test
    void inAnotherContainerThanItWasMeantForAPromotionHasNoEffect() {
        Server one = servers.standby(1);

        assertThat(commands.promote(one.mandate(1), "another", 1, "", List.of("orders-1")))
                .isInstanceOf(Outcome.Failed.class);

        assertThat(standby(one).position().timeline()).isEqualTo(1);
    }

    @Test
    void clientsOfTheCandidateAreEnded() throws SQLException {
        Server one = patientStandby(1);
        try (Connection client = client(one)) {
            done(commands.promote(one.mandate(1), null, 1, "", List.of("orders-1")));

            assertThat(client.isValid(1)).isFalse();
        }
    }

    private static SqlSession session(Server server) throws SQLException {
        return Servers.connector("one").open(server.endpoint(), "postgres", Duration.ofSeconds(10));
    }
}
