package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.havoq.environment.EnvironmentException;
import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;

/** What went wrong with the API server, for people: what was tried, where, why not, and what to do. */
final class ApiProblem {
    private static final int NO_ANSWER = -1;

    static final int UNAUTHORIZED = 401;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int CONFLICT = 409;

    private ApiProblem() {}

    static EnvironmentException of(String doing, ClusterAccess access, KubernetesClientException problem) {
        return new EnvironmentException(
                doing + " (context " + access.context() + "): " + text(problem, access), problem);
    }

    private static String text(KubernetesClientException problem, ClusterAccess access) {
        return switch (problem.getCode()) {
            case UNAUTHORIZED ->
                "the API server does not accept the credentials (401): log in again, or renew the token of the context in "
                        + access.source();
            case FORBIDDEN ->
                "it is not allowed (403): " + reason(problem)
                        + "; the role that Havoq needs is in deploy/rbac.yaml, and the"
                        + " preflight says what is missing of it (docs/kubernetes.md)";
            case 0, NO_ANSWER ->
                "the API server cannot be reached: " + reason(problem) + "; try kubectl "
                        + (access.inCluster() ? "" : "--context " + access.context() + " ") + "cluster-info";
            default -> reason(problem) + " (" + problem.getCode() + ")";
        };
    }

    /** What the server said, or why there is no answer. */
    static String reason(KubernetesClientException problem) {
        if (problem.getStatus() != null && problem.getStatus().getMessage() != null) {
            return problem.getStatus().getMessage();
        }
        Throwable root = problem;
        while (root.getCause() != null) {
            root = root.getCause();
            if (root instanceof ConnectException && root.getMessage() == null) {
                return unresolved(root) ? "its name is not known" : "no connection, refused or without a route";
            }
        }
        var message = root.getMessage();
        return message == null || message.isBlank() ? root.getClass().getSimpleName() : message;
    }

    /** The JDK's client says it this way. */
    private static boolean unresolved(Throwable problem) {
        return problem.getCause() instanceof UnresolvedAddressException
                || (problem.getCause() != null && problem.getCause().getCause() instanceof UnresolvedAddressException);
    }
}
