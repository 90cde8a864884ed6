package dev.primacy.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the test bed needs of the machine under the engine: routes and cgroups. */
final class Host {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private Host() {}

    /** The destinations that this machine already has routes to. */
    static String routes() {
        return ip("-4", "route", "show");
    }

    /** Makes this machine a client outside the cluster that reaches Services and pods through the server. */
    static void routeThrough(Node server) {
        for (String network : Layout.CLUSTER_NETWORKS) {
            String existing = ip("-4", "route", "show", "exact", network);
            if (!existing.isBlank() && !existing.contains(Layout.BRIDGE)) {
                throw new TestbedException("This machine already routes %s elsewhere (%s), where the test bed needs it."
                                .formatted(network, existing.strip())
                        + " Remove that route, or give an existing cluster with --context NAME.");
            }
            ip("route", "replace", network, "via", server.address());
        }
    }

    private static String ip(String... arguments) {
        try {
            Process process = new ProcessBuilder(
                            Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new TestbedException("`ip %s` failed: %s The test bed needs root (CAP_NET_ADMIN)."
                        .formatted(String.join(" ", arguments), output.strip()));
            }
            return output;
        } catch (IOException e) {
            throw new TestbedException(
                    "The program `ip` is missing. Install it (Debian: apt-get install iproute2).", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TestbedException("interrupted", e);
        }
    }

    /** Stops or continues the processes of a node's pods, which are outside of the node's own container cgroup. */
    static void freezePods(Node node, boolean frozen) {
        String root = node.cgroupRoot().substring(1);
        Path version1 = CGROUPS.resolve("freezer").resolve(root).resolve("freezer.state");
        Path version2 = CGROUPS.resolve(root).resolve("cgroup.freeze");
        try {
            if (Files.exists(version1)) {
                Files.writeString(version1, frozen ? "FROZEN" : "THAWED");
            } else if (Files.exists(version2)) {
                Files.writeString(version2, frozen ? "1" : "0");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the cgroups of a node that is gone. */
    static void removeCgroups(Node node) {
        String root = node.cgroupRoot().substring(1);
        List<Path> hierarchies = children(CGROUPS).map(h -> h.resolve(root)).toList();
        Stream.concat(Stream.of(CGROUPS.resolve(root)), hierarchies.stream())
                .filter(Files::isDirectory)
                .forEach(Host::removeEmptyTree);
    }

    private static void removeEmptyTree(Path tree) {
        // A cgroup is removed as an empty folder: the files in it are the kernel's.
        List<Path> folders;
        try (Stream<Path> all = Files.walk(tree)) {
            folders = all.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            return;
        }
        for (Path folder : folders) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                // A process is still ending in it; the next down or up comes by again.
                return;
            }
        }
    }

    private static Stream<Path> children(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList().stream();
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
