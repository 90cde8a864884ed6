package dev.primacy.operator.decide;

import dev.primacy.operator.model.Intent;
import dev.primacy.operator.model.MemberView;
import dev.primacy.operator.model.PodView;

/**
 * The administrator vouches that a node is off (taint node.kubernetes.io/out-of-service). For whoever fell silent on it that is a
 * proof (rule 3); so nobody is chosen on it who runs there all the same – the node is back, and its taint still there – since the
 * next silence would prove dead who is cut off only.
 */
final class OutOfService {

    static boolean covers(MemberView member) {
        PodView pod = member.pod();
        return pod != null && pod.nodeState() == PodView.NodeState.OUT_OF_SERVICE;
    }

    /** It is to be primary, and answers. */
    static Step awaitRemoval(Intent intent, MemberView member) {
        return Step.Act.of(
                Phase.of(intent),
                taint(member) + " to be removed: " + member.name() + " runs there and is to be primary");
    }

    static String taint(MemberView member) {
        PodView pod = member.pod();
        return "the taint node.kubernetes.io/out-of-service of "
                + (pod == null || pod.node() == null ? "its node" : pod.node());
    }

    private OutOfService() {}
}
