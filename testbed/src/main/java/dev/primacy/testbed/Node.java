package dev.primacy.testbed;

/**
 * One node: a container with a name and an address of its own, which it keeps as long as the test bed stands.
 *
 * @param name the name of the Kubernetes node, and the host name of the container
 * @param address its address in the Docker network, and the InternalIP of the Kubernetes node
 */
public record Node(String name, Role role, String address) {

    /** What runs on a node. */
    public enum Role {
        /** The control plane; tainted against workloads. */
        SERVER,
        /** Runs pods. */
        AGENT
    }

    /** The name of the container; what a person sees in {@code docker ps}. */
    public String container() {
        return "primacy-testbed-" + name;
    }

    /** The root of this node's pods in the host's cgroup tree, which all nodes share. */
    String cgroupRoot() {
        return "/primacy-testbed-" + name;
    }
}
