package dev.primacy.testbed;

import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.ContainerNetwork;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What can go wrong with a cluster, done to it. Every fault is complete when its method returns; what Kubernetes makes
 * of it follows later (a silent node is NotReady after about 50 s). {@link Testbed#up} undoes them all.
 */
public final class Faults {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    /** $1: UID of a pod, $2: regular expression for the command line, $3: signal. */
    private static final String SIGNAL_SCRIPT = """
            n=0
            for process in /proc/[0-9]*; do
              grep -qs "$1" "$process/cgroup" || continue
              tr '\\0' ' ' < "$process/cmdline" 2>/dev/null | grep -Eq -- "$2" || continue
              kill -s "$3" "${process#/proc/}" && n=$((n + 1))
            done
            echo $n
            """;

    /** $@: a rule. A chain of our own, that can be emptied without knowing what was put into it. */
    private static final String DROP_SCRIPT = """
            if iptables -w -N PRIMACY-FAULTS 2>/dev/null; then
              for chain in INPUT OUTPUT FORWARD; do iptables -w -I $chain -j PRIMACY-FAULTS || exit; done
            fi
            iptables -w -A PRIMACY-FAULTS "$@" -j DROP
            """;

    /** kube-router cannot clean up after itself where there is no IPVS (2.1). */
    private static final String IGNORE_POLICIES_SCRIPT = """
            [ -e /run/held/kube-router ] || ! command -v kube-router >/dev/null && exit
            touch /run/held/kube-router
            pkill -KILL -x kube-router
            iptables-save -t filter | grep -vE 'KUBE-(ROUTER|POD-FW|NWPLCY)-' | iptables-restore -w
            ipset list -n | grep -E '^KUBE-(SRC|DST)-' | xargs -r -n 1 ipset destroy
            """;

    private static final String API_SERVER_PORT = "6443";

    private final Engine engine;
    private final Node server;

    Faults(Engine engine, Node server) {
        this.engine = engine;
        this.server = server;
    }

    /** Pulls the network cable: the node and its pods run on, and reach nobody. */
    public void disconnect(Node node) {
        engine.docker()
                .disconnectFromNetworkCmd()
                .withNetworkId(Layout.NETWORK)
                .withContainerId(node.container())
                .withForce(true)
                .exec();
    }

    /** Puts the cable back; the node has its old address. Harmless when it is connected. */
    public void reconnect(Node node) {
        Map<String, ContainerNetwork> networks =
                engine.container(node).orElseThrow().getNetworkSettings().getNetworks();
        if (networks.containsKey(Layout.NETWORK)) {
            return;
        }
        engine.docker()
                .connectToNetworkCmd()
                .withNetworkId(Layout.NETWORK)
                .withContainerId(node.container())
                .withContainerNetwork(new ContainerNetwork()
                        .withIpamConfig(new ContainerNetwork.Ipam().withIpv4Address(node.address())))
                .exec();
    }

    /**
     * Lets a node drop what one address sends to another, in this direction alone: a partition between two pods, or one in one
     * direction, at the node of either.
     *
     * @param from and to: an address, or several as in {@code 10.42.0.0/16}
     */
    public void drop(Node at, String from, String to) {
        drop(at, "-s", from, "-d", to);
    }

    /** The node and its pods cannot reach the API server; they reach everything else. */
    public void cutOffApiServer(Node node) {
        drop(node, "-d", server.address(), "-p", "tcp", "--dport", API_SERVER_PORT);
    }

    private void drop(Node at, String... rule) {
        engine.require(
                at,
                DEADLINE,
                Stream.concat(Stream.of("sh", "-c", DROP_SCRIPT, "drop"), Stream.of(rule))
                        .toArray(String[]::new));
    }

    /** Undoes {@link #drop} and {@link #cutOffApiServer}. Harmless when nothing is dropped. */
    public void dropNothing(Node at) {
        engine.run(at, DEADLINE, "iptables", "-w", "-F", "PRIMACY-FAULTS");
    }

    /** Stops time on the node and in its pods: connections stay open, and nothing answers. */
    public void freeze(Node node) {
        Host.freezePods(node, true);
        engine.docker().pauseContainerCmd(node.container()).exec();
    }

    /** Lets a frozen node go on where it was. Harmless when it is not frozen. */
    public void thaw(Node node) {
        if (Boolean.TRUE.equals(state(node).getPaused())) {
            engine.docker().unpauseContainerCmd(node.container()).exec();
        }
        Host.freezePods(node, false);
    }

    /** Pulls the power cable; the node's disk stays. */
    public void powerOff(Node node) {
        engine.docker().killContainerCmd(node.container()).exec();
    }

    /** Boots a node that is off. Harmless when it is on. */
    public void powerOn(Node node) {
        if (!Boolean.TRUE.equals(state(node).getRunning())) {
            engine.docker().startContainerCmd(node.container()).exec();
        }
    }

    /** The node is gone for good, with its disk. {@link Testbed#up} makes a new, empty one. */
    public void destroy(Node node) {
        thaw(node);
        engine.docker()
                .removeContainerCmd(node.container())
                .withForce(true)
                .withRemoveVolumes(true)
                .exec();
        Host.removeCgroups(node);
    }

    /**
     * Sends a signal to processes of a pod.
     *
     * @param podUid metadata.uid of the pod
     * @param pattern extended regular expression that the command line has to contain, as in {@code ^postgres: walwriter}
     * @param signal its name, as in {@code KILL}
     * @return how many processes got it
     */
    public int signal(Node node, String podUid, String pattern, String signal) {
        String count = engine.require(node, DEADLINE, "sh", "-c", SIGNAL_SCRIPT, "signal", podUid, pattern, signal);
        return Integer.parseInt(count.strip());
    }

    /** Kills the API server and keeps it down; everything else on the control plane runs on. */
    public void stopApiServer() {
        requireOwnImage();
        engine.require(
                server,
                DEADLINE,
                "sh",
                "-c",
                "mkdir -p /run/held && touch /run/held/kube-apiserver && pkill -KILL -f '^kube-apiserver '");
    }

    /** Lets the API server start again. Harmless when it runs. */
    public void startApiServer() {
        engine.require(server, DEADLINE, "rm", "-f", "/run/held/kube-apiserver");
    }

    /** From now on the node holds its pods to the NetworkPolicies; k3s does so by itself. It is busier then, whenever a pod changes. */
    public void enforcePolicies(Node node) {
        engine.run(node, DEADLINE, "rm", "-f", "/run/held/kube-router");
    }

    /** NetworkPolicies have no effect any more. Harmless when they had none. */
    public void ignorePolicies(Node node) {
        engine.run(node, DEADLINE, "sh", "-c", IGNORE_POLICIES_SCRIPT);
    }

    private void requireOwnImage() {
        String image = Objects.requireNonNull(
                engine.container(server).orElseThrow().getConfig().getImage());
        if (image.startsWith("rancher/")) {
            throw new TestbedException("k3s is one process: its API server cannot be stopped alone. Use freeze.");
        }
    }

    private ContainerState state(Node node) {
        try {
            return engine.container(node)
                    .orElseThrow(() -> new TestbedException(
                            "Node %s is gone. ./dev cluster up makes a new one.".formatted(node.name())))
                    .getState();
        } catch (DockerException e) {
            throw new TestbedException("The engine does not tell the state of " + node.name(), e);
        }
    }
}
