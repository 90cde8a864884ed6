package dev.primacy.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The walls between the rooms: who may know what. */
class WallsTest {
    private static final String ROOT = "dev.primacy.operator.";
    private static final String[] PURE = {ROOT + "model..", ROOT + "decide..", ROOT + "render.."};

    private static final JavaClasses OPERATOR = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.primacy.operator");

    @Test
    @DisplayName("model knows the API types alone")
    void model() {
        onlyKnows("model", "dev.primacy.api..", "io.fabric8.kubernetes.api.model..");
    }

    @Test
    @DisplayName("decide knows the model and the API types alone")
    void decide() {
        onlyKnows("decide", ROOT + "model..", "dev.primacy.api..", "io.fabric8.kubernetes.api.model..");
    }

    @Test
    @DisplayName("postgres knows the model, JDBC and certificates, and no Kubernetes")
    void postgres() {
        knowsNothingOf("postgres", "decide", "render", "monitor", "kube", "app");
        noClasses()
                .that()
                .resideInAPackage(ROOT + "postgres..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "io.javaoperatorsdk..")
                .check(OPERATOR);
    }

    @Test
    @DisplayName("monitor knows the model and postgres")
    void monitor() {
        onlyKnows("monitor", ROOT + "model..", ROOT + "postgres..", "dev.primacy.api..", "org.slf4j..");
    }

    @Test
    @DisplayName("render knows the model and what Kubernetes objects look like, but no client")
    void render() {
        knowsNothingOf("render", "decide", "postgres", "monitor", "kube", "app");
    }

    @Test
    @DisplayName("kube does not know the program around it")
    void kube() {
        knowsNothingOf("kube", "app");
    }

    @Test
    @DisplayName("no client, no connection, no clock and no chance in model, decide and render")
    void pure() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fabric8.kubernetes.client..", "java.sql..", "org.postgresql..", "java.net.http..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Random.class, SecureRandom.class, ThreadLocalRandom.class, Clock.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Math.class, "random")
                .check(OPERATOR);
    }

    @Test
    @DisplayName("one class alone meets the reconcilers of java-operator-sdk, and one starts it")
    void operatorSdk() {
        noClasses()
                .that(DescribedPredicate.not(named("ClusterReconciler").or(named("Replica"))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.javaoperatorsdk..")
                .check(OPERATOR);
    }

    @Test
    @DisplayName("no class is called Utils, Helper or Manager")
    void names() {
        ArchRule rule = noClasses().should().haveNameMatching(".*(Utils?|Helper|Manager)");
        rule.check(OPERATOR);
    }

    @Test
    @DisplayName("no packages in a circle")
    void circles() {
        slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(OPERATOR);
    }

    private static DescribedPredicate<JavaClass> named(String name) {
        return DescribedPredicate.describe("is " + name, it -> it.getName().startsWith(ROOT + "app." + name));
    }

    private static void onlyKnows(String room, String... others) {
        String[] all = new String[others.length + 4];
        System.arraycopy(others, 0, all, 0, others.length);
        all[others.length] = ROOT + room + "..";
        all[others.length + 1] = "java..";
        all[others.length + 2] = "org.jspecify..";
        all[others.length + 3] = "";
        classes()
                .that()
                .resideInAPackage(ROOT + room + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(all)
                .check(OPERATOR);
    }

    private static void knowsNothingOf(String room, String... others) {
        for (String other : others) {
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + room + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(ROOT + other + "..")
                    .check(OPERATOR);
        }
    }
}
