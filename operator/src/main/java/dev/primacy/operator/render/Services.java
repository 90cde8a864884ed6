package dev.primacy.operator.render;

import dev.primacy.api.v1.ServiceOptions;
import dev.primacy.operator.model.Facts;
import dev.primacy.operator.model.Names;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The four Services of a cluster. */
public final class Services {
    /** Of the container's port; a Service follows it when the spec's port changes and pods of both kinds are there. */
    static final String PORT_NAME = "postgresql";

    private static final ServiceOptions INTERNAL =
            new ServiceOptions(ServiceOptions.Type.ClusterIP, Map.of(), List.of(), null);

    private Services() {}

    static List<Service> of(Blueprint blueprint) {
        return List.of(readWrite(blueprint), members(blueprint), readOnly(blueprint), read(blueprint));
    }

    /**
     * Exactly the current primary, chosen by its name: one patch of the selector moves it (rule 10); until there is one, the
     * member that is to be the first, so that nothing has to move when it is. Not-ready addresses are published, so that no
     * readiness flip delays a move.
     */
    public static Service readWrite(Blueprint blueprint) {
        Names names = blueprint.names();
        Facts facts = blueprint.facts();
        String primary = Optional.ofNullable(facts.primary())
                .or(facts::target)
                .or(() -> Optional.ofNullable(facts.initdbMember()))
                .orElse(Labels.NO_MEMBER);
        ServiceBuilder service = new ServiceBuilder()
                .withMetadata(
                        Metadata.owned(blueprint, names.readWriteService()).build())
                .withNewSpec()
                .withSelector(readWriteSelector(names, primary))
                .withPublishNotReadyAddresses(true)
                .withPorts(port(blueprint))
                .endSpec();
        return exposed(service, blueprint.spec().services().readWrite());
    }

    /** The selector with which the -rw Service leads to {@code member}. */
    public static Map<String, String> readWriteSelector(Names names, String member) {
        Map<String, String> selector = new TreeMap<>(Labels.allMembers(names));
        selector.put(Labels.MEMBER, member);
        return selector;
    }

    /** The members that the operator found fit for reads. */
    private static Service readOnly(Blueprint blueprint) {
        Map<String, String> selector = new TreeMap<>(Labels.allMembers(blueprint.names()));
        selector.put(Labels.READS, "true");
        ServiceBuilder service = new ServiceBuilder()
                .withMetadata(Metadata.owned(blueprint, blueprint.names().readOnlyService())
                        .build())
                .withNewSpec()
                .withSelector(selector)
                .withPublishNotReadyAddresses(false)
                .withPorts(port(blueprint))
                .endSpec();
        return exposed(service, blueprint.spec().services().readOnly());
    }

    /** Every member that is ready. */
    private static Service read(Blueprint blueprint) {
        ServiceBuilder service = new ServiceBuilder()
                .withMetadata(Metadata.owned(blueprint, blueprint.names().readService())
                        .build())
                .withNewSpec()
                .withSelector(Labels.allMembers(blueprint.names()))
                .withPublishNotReadyAddresses(false)
                .withPorts(port(blueprint))
                .endSpec();
        return exposed(service, INTERNAL);
    }

    /** Gives each pod its DNS name, ready or not: members replicate by it. */
    private static Service members(Blueprint blueprint) {
        return new ServiceBuilder()
                .withMetadata(Metadata.owned(blueprint, blueprint.names().membersService())
                        .build())
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP("None")
                .withSelector(Labels.allMembers(blueprint.names()))
                .withPublishNotReadyAddresses(true)
                .withPorts(port(blueprint))
                .endSpec()
                .build();
    }

    private static ServicePort port(Blueprint blueprint) {
        return new ServicePortBuilder()
                .withName(PORT_NAME)
                .withPort(blueprint.spec().port())
                // Server-side apply merges ports by number and protocol, so the protocol is never left to default.
                .withProtocol("TCP")
                .withNewTargetPort(PORT_NAME)
                .build();
    }

    private static Service exposed(ServiceBuilder service, ServiceOptions options) {
        service.editMetadata()
                .withAnnotations(new TreeMap<>(options.annotations()))
                .endMetadata();
        service.editSpec().withType(options.type().name()).endSpec();
        if (options.type() != ServiceOptions.Type.ClusterIP) {
            // Named even when it is the default, so that a Local taken out of the spec goes back.
            ServiceOptions.TrafficPolicy policy =
                    Objects.requireNonNullElse(options.externalTrafficPolicy(), ServiceOptions.TrafficPolicy.Cluster);
            service.editSpec().withExternalTrafficPolicy(policy.name()).endSpec();
        }
        if (options.type() == ServiceOptions.Type.LoadBalancer
                && !options.loadBalancerSourceRanges().isEmpty()) {
            service.editSpec()
                    .withLoadBalancerSourceRanges(options.loadBalancerSourceRanges())
                    .endSpec();
        }
        return service.build();
    }
}
