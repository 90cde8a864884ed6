package dev.primacy.operator.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.primacy.operator.kube.Kubernetes;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator's process. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int CANNOT_START = 2;
    private static final int BROKEN = 3;

    private Main() {}

    public static void main(String[] arguments) {
        if (List.of(arguments).equals(List.of("--train"))) {
            Training.run();
            // The SDK's threads would keep the process.
            System.exit(0);
        }
        // A thread that died of an Error (no memory, say) leaves a cluster unattended for ever; a new process does not.
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (failure instanceof Error) {
                LOG.error("A thread ended unexpectedly; the process exits, to be started anew", failure);
                Runtime.getRuntime().halt(BROKEN);
            }
            LOG.error("A thread ended unexpectedly; the process goes on without it", failure);
        });
        try {
            Settings settings = Settings.of(System.getenv());
            ObjectMapper mapper = Kubernetes.mapper();
            KubernetesClient client = Kubernetes.client(mapper);
            Replica replica = new Replica(settings, client, mapper);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(replica::close));
            replica.run();
            HeapKeeper.start();
        } catch (RuntimeException e) {
            LOG.error("The operator cannot start: {}", e.getMessage(), e);
            System.exit(CANNOT_START);
        }
    }
}
