package io.havoq.environment.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.havoq.deploy.DeployFiles;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The role in {@code deploy/rbac.yaml} grants what the preflight asks for, and no more. */
class DeployedRoleTest {
    /** Used, and asked for nowhere: the namespace's annotation. */
    private static final Set<String> UNASKED = Set.of("get namespaces");

    private static final Pattern LINE = Pattern.compile("\\bmay ([a-z]+(?:, [a-z]+)*) ([a-z]+(?:/[a-z]+)?)");

    @Test
    void theRoleGrantsWhatThePreflightAsksFor() throws IOException {
        var expected = new TreeSet<>(UNASKED);
        expected.addAll(asked());

        assertThat(granted("rbac.yaml")).isEqualTo(expected);
    }

    @Test
    void nothingIsGrantedByAWildcardOrToTheWholeCluster() {
        for (var file : Set.of("rbac.yaml", "rbac-chaos-mesh.yaml")) {
            assertThat(DeployFiles.documents(DeployFiles.file(file)))
                    .extracting(document -> document.path("kind").asText())
                    .isSubsetOf("ServiceAccount", "Role", "RoleBinding");
            assertThat(granted(file)).noneMatch(right -> right.contains("*") || right.contains("secrets"));
        }
    }

    private static Set<String> asked() throws IOException {
        var asked = new TreeSet<String>();
        try (var cluster = new PreflightCluster()) {
            cluster.lookAtAccess()
                    .table()
                    .forEach(line -> LINE.matcher(line)
                            .results()
                            .forEach(found -> Arrays.stream(found.group(1).split(", "))
                                    .forEach(verb -> asked.add(verb + " " + found.group(2)))));
        }
        assertThat(asked).contains("create podchaos", "get pods/log");
        return asked;
    }

    private static Set<String> granted(String file) {
        var granted = new TreeSet<String>();
        DeployFiles.documents(DeployFiles.file(file)).stream()
                .filter(document -> document.path("kind").asText().equals("Role"))
                .flatMap(role -> stream(role.path("rules")))
                .forEach(rule -> stream(rule.path("resources"))
                        .forEach(resource -> stream(rule.path("verbs"))
                                .forEach(verb -> granted.add(verb.asText() + " " + resource.asText()))));
        return granted;
    }

    private static java.util.stream.Stream<JsonNode> stream(JsonNode array) {
        return java.util.stream.StreamSupport.stream(array.spliterator(), false);
    }
}
