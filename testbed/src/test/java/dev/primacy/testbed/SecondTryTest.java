package dev.primacy.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tests {@code ./dev test instance} runs again; Maven is played. */
class SecondTryTest {
    /** What an earlier run left, of a group of other tests. */
    private static final String BEFORE = "reports=$root/operator/target/surefire-reports; mkdir -p \"$reports\";"
            + " echo '<failure type=\"x\">' >\"$reports/TEST-dev.primacy.StaleTest.xml\"; sleep 0.1; ";

    private static final String SURROUNDINGS = "context='' given=(); ensure_engine() { :; }; have_or_install() { :; };"
            + " one_at_a_time() { :; }; binaries_of() { echo /nowhere; }; ";

    private static final String FIRST = "[[ $* == *-Dtest=* ]] || ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void isForTheClassesThatFailedAndIsShown() throws Exception {
        Shell.Run run = instance(FIRST + "{ passed A; failed B; failed C; return 1; }");
        assertThat(run.exitCode()).isZero();
        assertThat(run.said()).contains("tried once more by themselves", "dev.primacy.BTest,dev.primacy.CTest");
        assertThat(asked()).hasSize(2).last().asString().contains("-Dtest=dev.primacy.BTest,dev.primacy.CTest ");
    }

    @Test
    void isTheLast() throws Exception {
        Shell.Run run = instance("failed B; return 1");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(asked()).hasSize(2);
    }

    @Test
    void isNotGivenWhereAllPassed() throws Exception {
        assertThat(instance("passed A").exitCode()).isZero();
        assertThat(asked()).hasSize(1);
    }

    @Test
    void isNotGivenToWhatIsNoFailedTest() throws Exception {
        assertThat(instance("echo 'COMPILATION ERROR'; return 1").exitCode()).isEqualTo(1);
        assertThat(asked()).hasSize(1);
    }

    @Test
    void isNotGivenWhereTheProcessOfTheTestsDied() throws Exception {
        Shell.Run run = instance(FIRST + "{ failed B; echo 'The forked VM terminated'; return 1; }");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(asked()).hasSize(1);
    }

    /** @param maven what each call of it does */
    private Shell.Run instance(String maven) throws Exception {
        return new Shell(folder)
                .bash(
                        List.of("common", "tests"),
                        SURROUNDINGS + BEFORE
                                + "passed() { echo '<testcase/>' >\"$reports/TEST-dev.primacy.$1Test.xml\"; };"
                                + " failed() { echo '<error type=\"x\">' >\"$reports/TEST-dev.primacy.$1Test.xml\"; };"
                                + " maven() { echo \"$*\" >>\"$root/asked\"; sleep 0.1; " + maven + "; };"
                                + " run_group instance");
    }

    private List<String> asked() throws Exception {
        return Files.readAllLines(folder.resolve("work/asked"));
    }
}
