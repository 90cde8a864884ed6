package dev.primacy.operator.render;

import dev.primacy.api.v1.AccessRule;
import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who may reach the members at all, when {@code spec.access} says so: the members themselves, the operator, and the peers of the
 * rules. Ingress alone; what the members may reach is not ours to say.
 */
final class NetworkPolicies {
    /** Set on every namespace by Kubernetes itself. */
    private static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";

    private NetworkPolicies() {}

    static Optional<NetworkPolicy> of(Blueprint blueprint) {
        if (blueprint.spec().access().isEmpty()) {
            return Optional.empty();
        }
        Names names = blueprint.names();
        return Optional.of(new NetworkPolicyBuilder()
                .withMetadata(Metadata.owned(blueprint, names.networkPolicy()).build())
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(Labels.allMembers(names))
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .withIngress(ingress(blueprint))
                .endSpec()
                .build());
    }

    private static List<NetworkPolicyIngressRule> ingress(Blueprint blueprint) {
        List<NetworkPolicyIngressRule> rules = new ArrayList<>();
        rules.add(rule(blueprint, List.of(members(blueprint.names()), operator(blueprint.installation()))));
        for (AccessRule access : blueprint.spec().access()) {
            // What is to be rejected needs no way in; a policy can only allow.
            if (access.method() != AccessRule.Method.REJECT) {
                rules.add(rule(blueprint, peers(access)));
            }
        }
        return rules;
    }

    /** A rule without peers lets everybody in. */
    private static NetworkPolicyIngressRule rule(Blueprint blueprint, List<NetworkPolicyPeer> peers) {
        return new NetworkPolicyIngressRuleBuilder()
                .withFrom(peers)
                .addNewPort()
                .withNewPort(blueprint.spec().port())
                .withProtocol("TCP")
                .endPort()
                .build();
    }

    private static NetworkPolicyPeer members(Names names) {
        return new NetworkPolicyPeerBuilder()
                .withNewPodSelector()
                .withMatchLabels(Labels.allMembers(names))
                .endPodSelector()
                .build();
    }

    private static NetworkPolicyPeer operator(Installation installation) {
        return new NetworkPolicyPeerBuilder()
                .withNewNamespaceSelector()
                .addToMatchLabels(NAMESPACE_NAME, installation.operatorNamespace())
                .endNamespaceSelector()
                .withNewPodSelector()
                .withMatchLabels(installation.operatorLabels())
                .endPodSelector()
                .build();
    }

    private static List<NetworkPolicyPeer> peers(AccessRule access) {
        String cidr = access.cidr();
        if (cidr != null) {
            return List.of(new NetworkPolicyPeerBuilder()
                    .withNewIpBlock()
                    .withCidr(cidr)
                    .endIpBlock()
                    .build());
        }
        if (access.podSelector() == null && access.namespaceSelector() == null) {
            return List.of();
        }
        return List.of(new NetworkPolicyPeerBuilder()
                .withPodSelector(access.podSelector())
                .withNamespaceSelector(access.namespaceSelector())
                .build());
    }
}
