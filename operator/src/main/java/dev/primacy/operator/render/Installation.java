package dev.primacy.operator.render;

import java.util.Map;

/**
 * What is the same for all clusters of one operator.
 *
 * @param images the catalogue: the image of each major version that differs from the default
 * @param imagePullPolicy of the members' pods: IfNotPresent, Always or Never
 * @param operatorNamespace where the operator runs, for NetworkPolicies that let it in
 * @param operatorLabels of the operator's pods, likewise
 * @param assignsIds whether pods get user and group ids when the spec names none; false on OpenShift, which assigns them itself
 */
public record Installation(
        Map<Integer, String> images,
        String imagePullPolicy,
        String operatorNamespace,
        Map<String, String> operatorLabels,
        boolean assignsIds) {

    /** The labels that the chart gives to the operator's pods. */
    public static final Map<String, String> OPERATOR_LABELS =
            Map.of("app.kubernetes.io/name", "primacy", "app.kubernetes.io/component", "operator");

    public Installation {
        images = Map.copyOf(images);
        operatorLabels = Map.copyOf(operatorLabels);
    }

    /** The catalogue's image of a major version; the stock image, where the catalogue is silent. */
    public String image(int majorVersion) {
        return images.getOrDefault(majorVersion, "docker.io/library/postgres:" + majorVersion);
    }
}
