package dev.primacy.operator.decide;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.PodView;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which volume a member's data is on: its claim or, on emptyDir, its pod, told apart by uid. */
final class Incarnation {

    static @Nullable String of(MemberView member) {
        ClaimView claim = member.claim();
        if (claim != null) {
            return claim.uid();
        }
        PodView pod = member.pod();
        return pod == null ? null : pod.uid();
    }

    /** Writes down the volume on which it is seen, if that is the one which it has now. */
    static Facts seen(MemberView member, Facts facts) {
        return member.isAtHome() ? facts.withIncarnation(member.name(), of(member)) : facts;
    }

    /** Whether its data is on the volume on which it was last seen. */
    static boolean isRecorded(MemberView member, Facts facts) {
        return Objects.equals(of(member), facts.incarnations().get(member.name()));
    }

    /** Whether its data was seen on another volume than that which it has now. */
    static boolean isAnother(MemberView member, Facts facts) {
        return facts.incarnations().containsKey(member.name()) && !isRecorded(member, facts);
    }

    private Incarnation() {}
}
