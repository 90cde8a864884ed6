package dev.primacy.testbed;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Network.Ipam;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The Docker network of the nodes. It has a subnet of its own: only then can a node be cut off and come back under its
 * old address.
 */
final class Network {
    /** Tried in this order; the first that this machine has no route to is taken. */
    private static final List<String> PREFIXES = List.of("172.30.250", "10.213.77", "192.168.213", "172.27.91");

    private Network() {}

    /** Finds or creates the network; returns how its addresses begin, as in {@code 172.30.250}. */
    static String ensure(Engine engine) {
        return prefix(engine).orElseGet(() -> create(engine));
    }

    private static Optional<String> prefix(Engine engine) {
        try {
            return engine
                    .docker()
                    .inspectNetworkCmd()
                    .withNetworkId(Layout.NETWORK)
                    .exec()
                    .getIpam()
                    .getConfig()
                    .stream()
                    .map(config -> Objects.requireNonNull(config.getSubnet()))
                    .map(subnet -> subnet.substring(0, subnet.lastIndexOf('.')))
                    .findFirst();
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    private static String create(Engine engine) {
        String routes = Host.routes();
        String prefix = PREFIXES.stream()
                .filter(candidate -> !routes.contains(candidate + "."))
                .findFirst()
                .orElseThrow(() -> new TestbedException(
                        "This machine has routes to every subnet that the test bed would use: " + PREFIXES));
        try {
            engine.docker()
                    .createNetworkCmd()
                    .withName(Layout.NETWORK)
                    .withLabels(Map.of(Layout.LABEL, "network"))
                    .withOptions(Map.of("com.docker.network.bridge.name", Layout.BRIDGE))
                    .withIpam(new Ipam()
                            .withConfig(new Ipam.Config()
                                    .withSubnet(prefix + ".0/24")
                                    .withGateway(prefix + ".1")))
                    .exec();
        } catch (DockerException e) {
            throw new TestbedException(
                    "The engine refused a network for the test bed (%s.0/24): %s".formatted(prefix, e.getMessage()), e);
        }
        return prefix;
    }

    static void remove(Engine engine) {
        try {
            engine.docker().removeNetworkCmd(Layout.NETWORK).exec();
        } catch (NotFoundException e) {
            // Nothing to remove.
        }
    }
}
