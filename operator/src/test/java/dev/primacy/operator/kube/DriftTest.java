package dev.primacy.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriftTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    @ParameterizedTest
    @DisplayName("what the API server adds or writes differently is no drift")
    @CsvSource(delimiter = '|', textBlock = """
            {a: 1}                               | {a: 1, b: 2}
            {spec: {ports: [{port: 5432}]}}      | {spec: {ports: [{port: 5432, protocol: TCP}], clusterIP: 10.0.0.1}}
            {storage: 1024Mi}                    | {storage: 1Gi}
            {cpu: '0.5'}                         | {cpu: 500m}
            {a: null}                            | {}
            {a: false}                           | {}
            {labels: {a: x}}                     | {labels: {a: x, team: blue}}
            """)
    void same(String desired, String observed) throws Exception {
        assertThat(Drift.holds(read(desired), read(observed))).isTrue();
    }

    @ParameterizedTest
    @DisplayName("a value that was changed, taken away, or added where it changes the meaning, is drift")
    @CsvSource(delimiter = '|', textBlock = """
            {a: 1}                               | {a: 2}
            {a: 1}                               | {}
            {replicas: 1}                        | {replicas: 0}
            {selector: {a: x}}                   | {selector: {a: x, b: y}}
            {data: {a: x}}                       | {data: {a: x, b: y}}
            {ports: [{port: 1}, {port: 2}]}      | {ports: [{port: 1}]}
            {ports: [{port: 1}]}                 | {ports: [{port: 1}, {port: 2}]}
            {storage: 2Gi}                       | {storage: 1Gi}
            {a: true}                            | {}
            {image: 'postgres:17'}               | {image: 'postgres:18'}
            """)
    void drift(String desired, String observed) throws Exception {
        assertThat(Drift.holds(read(desired), read(observed))).isFalse();
    }

    private static JsonNode read(String yaml) throws Exception {
        return YAML.readTree(yaml);
    }
}
