package io.havoq.environment.kubernetes;

/** Small kubeconfigs. */
final class KubeconfigText {
    private KubeconfigText() {}

    /** One context, with the current one being another, which leads nowhere. */
    static String of(String context, String server) {
        return """
                apiVersion: v1
                kind: Config
                current-context: production
                clusters:
                - name: %1$s-cluster
                  cluster:
                    server: %2$s
                - name: production-cluster
                  cluster:
                    server: https://production.invalid:6443
                users:
                - name: someone
                  user:
                    token: abc
                contexts:
                - name: %1$s
                  context:
                    cluster: %1$s-cluster
                    user: someone
                - name: production
                  context:
                    cluster: production-cluster
                    user: someone
                """.formatted(context, server);
    }
}
