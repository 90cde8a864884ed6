package dev.primacy.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.shell.OpenShell;
import dev.primacy.operator.shell.Result;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The kubelet's part for one lab: directories that are the pods' volumes, and files projected into them. It is a shell of
 * root's in a container which all labs share. The volumes are in memory: no test is about the disk's speed.
 */
final class Kubelet implements AutoCloseable {

    /** Ends when all tests have; its container and the volume are removed then. */
    private static final class Node {
        private final String id = "primacy-lab-" + UUID.randomUUID().toString().substring(0, 8);
        private final String mountpoint;

        Node(String image) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                Docker.attempt("", "rm", "-f", "-v", id);
                Docker.attempt("", "volume", "rm", "-f", id);
            }));
            Docker.run("volume", "create", "--label", "primacy.dev/lab", "-o", "type=tmpfs", "-o", "device=tmpfs", id);
            mountpoint = Docker.run("volume", "inspect", "-f", "{{.Mountpoint}}", id);
            Docker.run(
                    "run",
                    "-d",
                    "--init",
                    "--label",
                    "primacy.dev/lab",
                    "--name",
                    id,
                    "--network",
                    "none",
                    "--user",
                    "0",
                    "-v",
                    id + ":/pods",
                    "--entrypoint",
                    "sleep",
                    image,
                    "infinity");
        }
    }

    private static @Nullable Node node;

    private final Node mine;
    private final String lab;
    private final OpenShell shell;

    Kubelet(String image, String lab) {
        this.lab = lab;
        mine = node(image);
        shell = new OpenShell("docker", "exec", "-i", mine.id, "bash");
        run("mkdir -p /pods/" + lab);
    }

    private static synchronized Node node(String image) {
        if (node == null) {
            node = new Node(image);
        }
        return node;
    }

    /** What {@code docker run -v} takes for a directory of this lab. */
    String volume(String name) {
        run("mkdir -p /pods/%s/%s".formatted(lab, name));
        return mine.mountpoint + "/" + lab + "/" + name;
    }

    /** As root, in the directory of a volume. */
    String run(String volume, String script) {
        return run("cd " + volume.replace(mine.mountpoint, "/pods") + " && {\n" + script + "\n}");
    }

    Result attempt(String volume, String script) {
        return shell.run("cd " + volume.replace(mine.mountpoint, "/pods") + " && {\n" + script + "\n}");
    }

    private String run(String script) {
        Result result = shell.run(script);
        assertThat(result.status()).as("%s: %s", script, result.output()).isZero();
        return result.output();
    }

    @Override
    public void close() {
        shell.run("rm -rf /pods/" + lab);
        shell.close();
    }
}
