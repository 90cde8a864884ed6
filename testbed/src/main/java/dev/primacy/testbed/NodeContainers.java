package dev.primacy.testbed;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Describes the containers of the nodes.
 *
 * @param image rancher/k3s, or the image of {@code testbed/node}, which takes the same command line
 * @param token what agents join with; has the form of a bootstrap token
 * @param images the folder that loaded images are read from
 */
record NodeContainers(String image, Node server, String token, Path images) {
    private static final String CONTROL_PLANE_TAINT = "node-role.kubernetes.io/control-plane:NoSchedule";

    K3sContainer describe(Node node) {
        DockerImageName name = DockerImageName.parse(image).asCompatibleSubstituteFor("rancher/k3s");
        K3sContainer container = switch (node.role()) {
            case SERVER -> new K3sContainer(name);
            case AGENT -> new Agent(name).withEnv("K3S_URL", "https://%s:6443".formatted(server.address()));
        };
        container
                .withReuse(true) // or Testcontainers would remove it at the end of this process
                .withCommand(command(node))
                .withEnv("K3S_TOKEN", token)
                .withEnv("PRIMACY_CGROUP_ROOT", node.cgroupRoot())
                .withLabel(Layout.LABEL, node.name())
                .withCreateContainerCmdModifier(command -> place(node, command));
        return container;
    }

    private static String[] command(Node node) {
        return switch (node.role()) {
            case SERVER ->
                new String[] {
                    "server",
                    "--disable=traefik,metrics-server,servicelb",
                    "--node-name=" + node.name(),
                    "--tls-san=" + node.address(),
                    "--node-taint=" + CONTROL_PLANE_TAINT
                };
            case AGENT -> new String[] {"agent", "--node-name=" + node.name()};
        };
    }

    private void place(Node node, CreateContainerCmd command) {
        HostConfig host = Objects.requireNonNull(command.getHostConfig());
        command.withName(node.container()).withHostName(node.name()).withIpv4Address(node.address());
        List<Bind> binds = new ArrayList<>(Stream.of(host.getBinds()).toList());
        if (image.startsWith("rancher/")) {
            // Each node in a cgroup namespace of its own: the kubelets would kill each other's pods in a shared one.
            host.withCgroupnsMode("private");
            binds.removeIf(bind -> bind.getPath().startsWith("/sys/fs/cgroup"));
        } else {
            Privileges.grant(host);
        }
        binds.add(new Bind(images.toString(), new Volume(Layout.IMAGES_MOUNT), AccessMode.ro));
        host.withNetworkMode(Layout.NETWORK)
                .withBinds(binds)
                .withLogConfig(new LogConfig(LogConfig.LoggingType.JSON_FILE, Map.of("max-size", "10m")));
    }

    /** An agent has no kubeconfig to give. Whether all have joined is asked of the API server, at once. */
    private static final class Agent extends K3sContainer {
        Agent(DockerImageName image) {
            super(image);
            waitingFor(new Started());
        }

        @Override
        protected void containerIsStarted(InspectContainerResponse container) {}
    }

    private static final class Started extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {}
    }
}
