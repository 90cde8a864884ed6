package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.primacy.operator.model.ClaimView;
import dev.primacy.operator.model.Growth;
import dev.primacy.operator.model.Growth.Stage;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimViewsTest {

    @ParameterizedTest
    @DisplayName("a volume as large as asked for has grown, whatever its claim still says")
    @CsvSource({"1Gi, 1Gi", "1Gi, 1024Mi", "1Gi, 10Gi", "1000M, 1Gi"})
    void done(String asked, String has) {
        assertThat(ClaimViews.view(condition(claim(asked, has), "ControllerResizeError", "True", "quota"))
                        .growth())
                .isNull();
    }

    @Test
    @DisplayName("a claim whose volume is yet to be made does not wait for one to grow")
    void unbound() {
        PersistentVolumeClaim claim = claim("2Gi", "1Gi");
        claim.setStatus(null);
        assertThat(ClaimViews.view(claim).growth()).isNull();
    }

    @Test
    @DisplayName("without a volume it says in which phase it is, and of which class")
    void phase() {
        PersistentVolumeClaim claim = claim("1Gi", "1Gi");
        claim.getStatus().setPhase("Bound");
        assertThat(ClaimViews.view(claim).unbound()).isNull();
        claim.getStatus().setPhase("Lost");
        assertThat(ClaimViews.view(claim).unbound()).isEqualTo(new ClaimView.Unbound("Lost", null));
        claim.setStatus(null);
        claim.getSpec().setStorageClassName("fast");
        assertThat(ClaimViews.view(claim).unbound()).isEqualTo(new ClaimView.Unbound("Pending", "fast"));
    }

    @Test
    @DisplayName("first the storage enlarges a volume")
    void storage() {
        assertThat(ClaimViews.view(claim("2Gi", "1Gi")).growth())
                .isEqualTo(new Growth("1Gi", "2Gi", Stage.STORAGE, ""));
        assertThat(ClaimViews.view(condition(claim("2Gi", "1Gi"), "Resizing", "True", ""))
                        .growth())
                .isEqualTo(new Growth("1Gi", "2Gi", Stage.STORAGE, ""));
        assertThat(ClaimViews.view(resource(claim("2Gi", "1Gi"), "ControllerResizeInProgress"))
                        .growth())
                .isEqualTo(new Growth("1Gi", "2Gi", Stage.STORAGE, ""));
    }

    @Test
    @DisplayName("then the kubelet enlarges the file system, which Kubernetes tells by a condition or a status")
    void fileSystem() {
        assertThat(ClaimViews.view(
                                condition(claim("2Gi", "1Gi"), "FileSystemResizePending", "True", "Waiting for user"))
                        .growth())
                .isEqualTo(new Growth("1Gi", "2Gi", Stage.FILE_SYSTEM, ""));
        assertThat(ClaimViews.view(resource(claim("2Gi", "1Gi"), "NodeResizePending"))
                        .growth())
                .isEqualTo(new Growth("1Gi", "2Gi", Stage.FILE_SYSTEM, ""));
    }

    @ParameterizedTest
    @DisplayName("who failed is told with the driver's words, while it is tried again as well")
    @ValueSource(strings = {"ControllerResizeError", "NodeResizeError"})
    void failed(String type) {
        PersistentVolumeClaim claim =
                condition(condition(claim("2Gi", "1Gi"), "Resizing", "True", ""), type, "True", "quota exceeded");
        assertThat(ClaimViews.view(claim).growth()).isEqualTo(new Growth("1Gi", "2Gi", Stage.FAILED, "quota exceeded"));
    }

    @ParameterizedTest
    @DisplayName("what is infeasible has failed, be it without words")
    @ValueSource(strings = {"ControllerResizeInfeasible", "NodeResizeInfeasible"})
    void infeasible(String status) {
        assertThat(ClaimViews.view(resource(claim("2Gi", "1Gi"), status)).growth())
                .isEqualTo(new Growth("1Gi", "2Gi", Stage.FAILED, status));
    }

    @Test
    @DisplayName("a condition that is not true any more is no failure")
    void mended() {
        assertThat(ClaimViews.view(condition(claim("2Gi", "1Gi"), "ControllerResizeError", "False", "quota"))
                        .growth())
                .isEqualTo(new Growth("1Gi", "2Gi", Stage.STORAGE, ""));
    }

    private static PersistentVolumeClaim claim(String asked, String has) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("data-orders-1")
                .withUid("claim-1")
                .endMetadata()
                .withNewSpec()
                .withNewResources()
                .addToRequests("storage", new Quantity(asked))
                .endResources()
                .endSpec()
                .withNewStatus()
                .withPhase("Bound")
                .addToCapacity("storage", new Quantity(has))
                .endStatus()
                .build();
    }

    private static PersistentVolumeClaim condition(
            PersistentVolumeClaim claim, String type, String status, String message) {
        return new PersistentVolumeClaimBuilder(claim)
                .editStatus()
                .addNewCondition()
                .withType(type)
                .withStatus(status)
                .withMessage(message)
                .endCondition()
                .endStatus()
                .build();
    }

    private static PersistentVolumeClaim resource(PersistentVolumeClaim claim, String status) {
        return new PersistentVolumeClaimBuilder(claim)
                .editStatus()
                .withAllocatedResourceStatuses(Map.of("storage", status))
                .endStatus()
                .build();
    }
}
