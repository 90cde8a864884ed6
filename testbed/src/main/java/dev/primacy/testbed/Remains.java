package dev.primacy.testbed;

import com.github.dockerjava.api.model.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;

/** What an earlier process left of a test bed, whole or in part; found by label. */
final class Remains {
    private Remains() {}

    static boolean none(Engine engine) {
        return containers(engine).isEmpty();
    }

    /** The image that nodes are to be of: the published one where it is on the machine. */
    static String nodeImage(Engine engine) {
        String k3s = Layout.k3sImage();
        return Stream.of(k3s, Layout.NODE_IMAGE)
                .filter(image -> engine.imageId(image).isPresent())
                .findFirst()
                .orElseThrow(() -> new TestbedException("Neither %s nor %s is on this machine. Run ./dev images first."
                        .formatted(k3s, Layout.NODE_IMAGE)));
    }

    static boolean areOutdated(Engine engine, String image) {
        String current = engine.imageId(image).orElseThrow();
        return containers(engine).stream().anyMatch(container -> !current.equals(container.getImageId()));
    }

    /** Removes containers, volumes, network (and with it the routes), cgroups and the kubeconfig. */
    static void remove(Engine engine) {
        List<Container> containers = containers(engine);
        // Addresses do not matter here, only the cgroups that go by the names.
        List<Node> nodes = Layout.nodes("");
        nodes.forEach(node -> Host.freezePods(node, false));
        Parallel.forEach(containers, container -> {
            if ("paused".equals(container.getState())) {
                engine.docker().unpauseContainerCmd(container.getId()).exec();
            }
            engine.docker()
                    .removeContainerCmd(container.getId())
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        });
        Network.remove(engine);
        nodes.forEach(Host::removeCgroups);
        try {
            Files.deleteIfExists(Places.project().resolve("kubeconfig"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Container> containers(Engine engine) {
        return engine.docker()
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(Layout.LABEL))
                .exec();
    }
}
