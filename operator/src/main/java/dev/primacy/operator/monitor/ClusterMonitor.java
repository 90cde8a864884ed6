package dev.primacy.operator.monitor;

import dev.primacy.operator.model.Probe;
import dev.primacy.operator.postgres.Connector;
import dev.primacy.operator.postgres.Endpoint;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/** Watches the members of one cluster and gives the grants. Goes on while a pass is busy. */
public final class ClusterMonitor implements AutoCloseable {
    private final Supplier<Duration> clock;
    private final Leadership leadership;
    private final Runnable changed;

    private Connector connector;
    private Watch watch = Watch.NOTHING;
    private final Map<String, MemberWatch> members = new LinkedHashMap<>();
    private final Map<String, Duration> lastGrants = new HashMap<>();
    private final Map<String, Duration> lastCopies = new HashMap<>();

    /**
     * @param clock the operator's monotonic clock
     * @param changed called, from many threads and without delay, when a member changed in more than its positions
     */
    public ClusterMonitor(Connector connector, Supplier<Duration> clock, Leadership leadership, Runnable changed) {
        this.connector = connector;
        this.clock = clock;
        this.leadership = leadership;
        this.changed = changed;
    }

    /**
     * Watches these from now on. When this returns, nobody but {@code newWatch.granted()} gets a grant any more, and
     * {@link #observation} tells of every grant that was given before.
     */
    public synchronized void update(Watch newWatch) {
        update(connector, newWatch);
    }

    /** The same, with another certificate: sessions that stand are kept until others were opened with it. */
    public synchronized void update(Connector newConnector, Watch newWatch) {
        connector = newConnector;
        watch = newWatch;
        Map<String, Endpoint> wanted = new LinkedHashMap<>();
        newWatch.endpoints().forEach(endpoint -> wanted.put(endpoint.member(), endpoint));
        Map<String, MemberWatch> replaced = new HashMap<>();
        members.values().removeIf(member -> {
            boolean stays =
                    member.serves(newConnector, wanted.get(member.endpoint().member()));
            if (!stays) {
                member.stop();
                replaced.put(member.endpoint().member(), member);
            }
            return !stays;
        });
        wanted.forEach((name, endpoint) -> {
            if (!members.containsKey(name)) {
                MemberWatch before = replaced.get(name);
                MemberWatch member = new MemberWatch(
                        newConnector,
                        endpoint,
                        clock,
                        received -> permit(name, received),
                        () -> changed(name),
                        before == null || before.seen() == null
                                ? null
                                : before.seen().elsewhere());
                members.put(name, member);
                member.start();
            }
        });
        setPace();
    }

    /** Whoever is to be primary does not answer as one: what the others show decides how soon there is one again. */
    private synchronized void changed(String name) {
        if (name.equals(watch.granted())) {
            setPace();
        }
        changed.run();
    }

    private void setPace() {
        MemberWatch granted = watch.granted() == null ? null : members.get(watch.granted());
        boolean lost =
                granted != null && granted.seen() != null && !(granted.seen().probe() instanceof Probe.Primary);
        Pace pace = watch.hurried() || lost ? Pace.HURRIED : members.size() > 1 ? Pace.ATTENTIVE : Pace.STEADY;
        members.values().forEach(member -> member.at(pace));
    }

    /** Looks at the member at once: something was just done to it. */
    public synchronized void nudge(String member) {
        MemberWatch found = members.get(member);
        if (found != null) {
            found.nudge();
        }
    }

    /**
     * Looks at every member now, and waits for those that answered the last time: a pass that acted is followed by one that
     * sees what came of it.
     */
    public void probeNow(Duration within) {
        Duration moment = clock.get();
        Duration until = moment.plus(within);
        List<MemberWatch> all;
        synchronized (this) {
            all = List.copyOf(members.values());
        }
        all.forEach(MemberWatch::nudge);
        try {
            for (MemberWatch member : all) {
                if (member.answered()) {
                    member.awaitLookSince(moment, until);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is known now, by member; a member that was not looked at yet is not in it. */
    public synchronized Map<String, Seen> observation() {
        Map<String, Seen> looks = new LinkedHashMap<>();
        members.forEach((name, member) -> {
            Seen seen = member.seen();
            if (seen != null) {
                looks.put(name, seen);
            }
        });
        looks.values().forEach(look -> noteCopies(look, looks.keySet()));
        Map<String, Seen> all = new HashMap<>();
        looks.forEach((name, look) -> all.put(name, look.knowing(lastGrants.get(name), lastCopies.get(name))));
        return Map.copyOf(all);
    }

    /** Nothing listens at a member while it is cloned or rewound, for hours perhaps; the primary from which that is done shows it. */
    private void noteCopies(Seen look, Set<String> names) {
        if (look.probe() instanceof Probe.Primary primary) {
            names.stream()
                    .filter(primary::copiesTo)
                    .forEach(name -> lastCopies.merge(name, look.begun(), ClusterMonitor::later));
        }
    }

    /** {@link dev.primacy.operator.postgres.Grants#permit}: under the lock, so that no grant overtakes an update. */
    private synchronized OptionalLong permit(String member, Duration received) {
        Duration confirmed = leadership.confirmedAt();
        if (!member.equals(watch.granted()) || confirmed == null || confirmed.compareTo(received) <= 0) {
            return OptionalLong.empty();
        }
        lastGrants.merge(member, received, ClusterMonitor::later);
        return OptionalLong.of(watch.epoch());
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    @Override
    public synchronized void close() {
        members.values().forEach(MemberWatch::stop);
        members.clear();
    }
}
