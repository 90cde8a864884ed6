package dev.primacy.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The names, labels and addresses of the one test bed that a machine can have. */
final class Layout {
    /** On every container and network of the test bed, so that each start can find what an earlier one left. */
    static final String LABEL = "dev.primacy.testbed";

    static final String NETWORK = "primacy-testbed";
    static final String BRIDGE = "primacy0";
    static final List<String> CLUSTER_NETWORKS = List.of("10.42.0.0/16", "10.43.0.0/16");
    static final String NODE_IMAGE = "primacy-testbed-node:local";

    /** Where a node finds the images that are loaded into it. */
    static final String IMAGES_MOUNT = "/images";

    private static final int AGENTS = 3;

    private Layout() {}

    /** The published image that the nodes are of where it is on the machine; `./dev` reads the same file. */
    static String k3sImage() {
        try (InputStream file = Objects.requireNonNull(Layout.class.getResourceAsStream("/k3s-image"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The nodes in a network whose addresses begin so: the server first. */
    static List<Node> nodes(String prefix) {
        Node server = new Node("control-plane", Node.Role.SERVER, prefix + ".2");
        return Stream.concat(
                        Stream.of(server),
                        IntStream.rangeClosed(1, AGENTS)
                                .mapToObj(i -> new Node("worker-" + i, Node.Role.AGENT, prefix + "." + (2 + i))))
                .toList();
    }
}
