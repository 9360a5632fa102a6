package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;

/** The lines of a preflight while it is made: what cannot be looked at is a line, too. */
final class PreflightRows {
    static final String INSTALL = "install Chaos Mesh, see deploy/README.md";
    static final String ROLE = "apply the role in deploy/rbac.yaml";

    private final List<PreflightRow> rows = new ArrayList<>();
    private final String chaosMeshNamespace;

    PreflightRows(String chaosMeshNamespace) {
        this.chaosMeshNamespace = chaosMeshNamespace;
    }

    void add(PreflightRow row) {
        rows.add(row);
    }

    void clear() {
        rows.clear();
    }

    List<PreflightRow> all() {
        return List.copyOf(rows);
    }

    /** What cannot be looked at is missing. */
    void look(String what, String remedy, Runnable looking) {
        try {
            looking.run();
        } catch (KubernetesClientException e) {
            add(PreflightRow.missing(what, ApiProblem.reason(e), remedy));
        }
    }

    /** What nobody lets us look at in Chaos Mesh's namespace may be there all the same. */
    void lookIfAllowed(String what, Runnable looking) {
        try {
            looking.run();
        } catch (KubernetesClientException e) {
            add(
                    e.getCode() == ApiProblem.FORBIDDEN
                            ? PreflightRow.warning(
                                    what,
                                    "may not be looked at in the namespace " + chaosMeshNamespace,
                                    "apply deploy/rbac-chaos-mesh.yaml, or look yourself")
                            : PreflightRow.missingFor(spec -> true, what, ApiProblem.reason(e), INSTALL));
        }
    }
}
