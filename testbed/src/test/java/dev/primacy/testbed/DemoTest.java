package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The first command of the README. */
@Tag("cluster")
class DemoTest {
    private static final String NAMESPACE = "primacy-demo";
    private static final Pattern REMOVE =
            Pattern.compile("^ +remove +\\S+(?: --context \\S+)? (.*?);", Pattern.MULTILINE);

    @AfterEach
    void remove() throws Exception {
        Dev.run("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found");
    }

    @Test
    void showsAClusterAndSaysHowToConnectAndToRemoveIt() throws Exception {
        Shell.Run demo = Dev.run("demo");
        assertThat(demo.exitCode()).as(demo.said()).isZero();
        assertThat(demo.said())
                .containsPattern("Ready after \\d+ s")
                .contains(
                        "Wrote a row through quickstart-rw",
                        "Read through quickstart-ro: a standby says: hello from ./dev demo (1 rows)")
                .containsPattern("quickstart-1 +primary +")
                .containsPattern("quickstart-2 +standby +streaming ")
                .containsPattern("quickstart-3 +standby +streaming ")
                .contains("psql \"host=localhost user=")
                .doesNotContain(password());

        var remove = REMOVE.matcher(demo.said());
        assertThat(remove.find()).as(demo.said()).isTrue();
        Shell.Run removal = Dev.run(remove.group(1).split(" "));
        assertThat(removal.exitCode()).as(removal.said()).isZero();
        assertThat(Dev.run("kubectl", "get", "namespace", NAMESPACE).said()).contains("NotFound");
    }

    private static String password() throws IOException, InterruptedException {
        Shell.Run secret = Dev.run(
                "kubectl",
                "get",
                "secret",
                "quickstart-app",
                "--namespace",
                NAMESPACE,
                "-o",
                "go-template={{.data.password | base64decode}}");
        assertThat(secret.said()).as("a password, not a complaint").matches("[A-Za-z0-9]{32}");
        return secret.said();
    }
}
