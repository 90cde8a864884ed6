package dev.primacy.operator.model;

import dev.primacy.api.v1.PostgresClusterStatus;
import dev.primacy.api.v1.PostgresClusterStatus.MemberStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the facts back from the status in which they were persisted. The status report writes them there. */
public final class RecordedFacts {

    public static Facts in(@Nullable PostgresClusterStatus status) {
        if (status == null) {
            return Facts.NONE;
        }
        return new Facts(
                Objects.requireNonNullElse(status.epoch(), 0L),
                status.members().stream().map(MemberStatus::name).toList(),
                Optional.ofNullable(status.systemId()).map(SystemId::new).orElse(null),
                status.initdbMember(),
                status.primary(),
                Objects.requireNonNullElse(status.timeline(), 0),
                intent(status.intent()),
                Objects.requireNonNullElse(status.maxTimeline(), 0),
                status.promotable(),
                status.synchronous().stream()
                        .map(set -> new Facts.SynchronousSet(set.standbys(), set.number()))
                        .toList(),
                byMember(status.members(), MemberStatus::incarnation),
                byMember(status.members(), MemberStatus::container),
                status.restart());
    }

    private static @Nullable Intent intent(PostgresClusterStatus.@Nullable Intent written) {
        return written == null
                ? null
                : new Intent(
                        Intent.Kind.valueOf(written.kind()),
                        written.deposed(),
                        written.to(),
                        Objects.requireNonNullElse(written.timeline(), 0),
                        written.reason(),
                        Instant.parse(written.since()),
                        written.chosenAt() == null ? null : Instant.parse(written.chosenAt()));
    }

    private static Map<String, String> byMember(
            List<MemberStatus> members, Function<MemberStatus, @Nullable String> what) {
        Map<String, String> byMember = new HashMap<>();
        for (MemberStatus member : members) {
            String value = what.apply(member);
            if (value != null) {
                byMember.put(member.name(), value);
            }
        }
        return byMember;
    }

    private RecordedFacts() {}
}
