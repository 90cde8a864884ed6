package dev.primacy.operator.decide;

import dev.primacy.api.v1.DeletionPolicy;
import dev.primacy.api.v1.PostgresClusterSpec;
import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.PostgresClusterStatus.LastFailover;
import dev.primacy.api.v1.Replication;
import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.ClusterView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Facts.SynchronousSet;
import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.Names;
import dev.primacy.operator.model.Now;
import dev.primacy.operator.model.SystemId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A cluster as a test tells it: begin with one that is healthy or one that is new, and say what differs. */
@SuppressWarnings("NullAway") // fields that the API server may leave out are left out here too
final class Scene {
    static final String CONFIG = "c1";
    static final SystemId SYSTEM_ID = new SystemId("7400000000000000001");
    static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    final Names names = new Names("shop", "orders");
    int instances;
    Replication replication = new Replication(Replication.Mode.Asynchronous, 1, Replication.Durability.Required, null);

    @Nullable
    Integer ttl;

    boolean paused;
    DeletionPolicy deletion = DeletionPolicy.Retain;
    Facts facts = Facts.NONE;
    long ownEpoch;
    Duration leaderSince = Duration.ofSeconds(1);
    Duration monotonic = Duration.ofSeconds(1000);

    @Nullable
    String routed;

    List<ClaimView> orphans = new ArrayList<>();
    Set<String> ended = new HashSet<>();
    Map<String, String> requests = new HashMap<>();
    List<String> problems = new ArrayList<>();
    String config = CONFIG;
    String application = "a1";
    long generation = 3;
    PostgresClusterStatus status = status(null);
    private final Map<String, MemberScene> members = new TreeMap<>();

    private Scene(int instances) {
        this.instances = instances;
    }

    /** Nothing is there but the resource. */
    static Scene fresh(int instances) {
        return new Scene(instances);
    }

    /** orders-1 is the primary on timeline 1, the others stream from it; epoch 5. */
    static Scene healthy(int instances) {
        Scene scene = new Scene(instances);
        List<String> all = IntStream.rangeClosed(1, instances)
                .mapToObj(scene.names::member)
                .toList();
        scene.facts = new Facts(
                5,
                all,
                SYSTEM_ID,
                "orders-1",
                "orders-1",
                1,
                null,
                1,
                List.of(all),
                List.of(SynchronousSet.NONE),
                Map.of(),
                Map.of("orders-1", "container-orders-1"),
                null);
        scene.ownEpoch = 5;
        scene.routed = "orders-1";
        for (String name : all) {
            MemberScene member = scene.member(name);
            member.epoch = 5;
            member.claimEpoch = 5;
            scene.facts = scene.facts.withIncarnation(name, member.claimUid);
            if (!name.equals("orders-1")) {
                member.following("orders-1");
            }
        }
        MemberScene primary = scene.member("orders-1").primary();
        primary.promotable = all;
        primary.solo = instances == 1;
        primary.readsLabel = instances == 1;
        all.stream()
                .filter(name -> !name.equals("orders-1"))
                .forEach(name -> primary.follower(name, 1000).slot(name));
        return scene;
    }

    /** The same, with commits that wait. */
    static Scene synchronous(int instances, int number) {
        Scene scene = healthy(instances);
        scene.replication =
                new Replication(Replication.Mode.Synchronous, number, Replication.Durability.Required, null);
        SynchronousSet set = new SynchronousSet(
                scene.facts.members().stream()
                        .filter(name -> !name.equals("orders-1"))
                        .toList(),
                number);
        scene.facts = scene.facts.withSynchronous(List.of(set));
        scene.member("orders-1").synchronous = set.synchronousStandbyNames();
        return scene;
    }

    MemberScene member(String name) {
        return members.computeIfAbsent(name, absent -> new MemberScene(this, absent));
    }

    Scene remove(String name) {
        members.remove(name);
        return this;
    }

    /** Another operator process leads: it has the status, and has neither looked at anybody nor done anything yet. */
    Scene takenOver() {
        status = settle().status();
        ownEpoch = 0;
        leaderSince = monotonic;
        application = "";
        members.values().forEach(member -> member.looked = false);
        return this;
    }

    /** The first looks of that process have ended. */
    Scene lookedAt() {
        members.values().forEach(member -> member.looked = true);
        return this;
    }

    /** A failover from orders-1 stands in the facts, under epoch 6, and nobody is chosen. */
    Scene failingOver() {
        facts = facts.withEpoch(6)
                .withIntent(new Intent(Intent.Kind.Failover, List.of("orders-1"), null, "test", now().wall()));
        ownEpoch = 6;
        return this;
    }

    Scene choosing(String target, int timeline) {
        if (facts.intent() == null) {
            failingOver();
        }
        facts = facts.withIntent(Objects.requireNonNull(facts.intent()).choosing(target, timeline, now().wall()))
                .withPromotable(Listed.with(facts.promotable(), List.of(target)))
                .withContainer(target, member(target).containerName);
        return this;
    }

    ClusterView view() {
        return new ClusterView(
                names,
                "uid",
                CREATED,
                generation,
                spec(),
                status,
                facts,
                ownEpoch,
                leaderSince,
                routed,
                members.values().stream().map(MemberScene::view).toList(),
                orphans,
                new ClusterView.DesiredConfiguration(config, "cert"),
                new ClusterView.Application("a1", application, ""),
                ended,
                requests,
                problems);
    }

    private PostgresClusterSpec spec() {
        return new PostgresClusterSpec(
                instances,
                17,
                null,
                null,
                null,
                null,
                null,
                null,
                replication,
                null,
                null,
                null,
                null,
                null,
                null,
                ttl,
                paused,
                deletion);
    }

    Now now() {
        return new Now(MemberScene.at(monotonic), monotonic);
    }

    Decision decide() {
        return new Decider().decide(view(), now());
    }

    private static PostgresClusterStatus status(@Nullable LastFailover lastFailover) {
        return new PostgresClusterStatus(
                -1L,
                "Waiting",
                "Waiting for the operator",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                lastFailover);
    }

    Scene failedOver(Duration monotonic) {
        String at = MemberScene.at(monotonic).toString();
        status = status(new LastFailover("orders-2", "orders-1", "a test", at, 900L, "0"));
        return this;
    }

    /** The facts that are written down until the decision acts, with what was seen standing still. */
    Decision settle() {
        Decision decision = decide();
        for (int passes = 0; passes < 10 && !decision.facts().equals(facts); passes++) {
            facts = decision.facts();
            ownEpoch = facts.epoch();
            status = decision.status();
            decision = decide();
        }
        return decision;
    }
}
