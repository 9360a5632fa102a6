package io.havoq.fault.chaosmesh;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a message of Chaos Mesh or of the API server most likely means, and the next step. */
record Diagnosis(String cause, String nextStep) {
    private record Sign(List<String> words, Diagnosis diagnosis) {
        boolean fits(String text) {
            return words.stream().allMatch(text::contains);
        }
    }

    /** In the order in which they are tried: the special before the general. All words in lower case. */
    private static final List<Sign> SIGNS = List.of(
            sign(
                    "the selector matches no running pod, or Chaos Mesh may not touch the namespace",
                    "look at the pods (kubectl get pods --show-labels); with controllerManager.enableFilterNamespace the"
                            + " namespace needs the annotation chaos-mesh.org/inject=enabled",
                    "no pod is selected"),
            sign(
                    "the selector matches no container",
                    "compare containerNames with the pods' containers",
                    "no container is selected"),
            sign("the selector matches nothing", "look at the pods and their labels", "no target has been selected"),
            sign(
                    "Chaos Mesh's controller does not answer its webhooks in time: too much to do on its machine, or no way there"
                            + " from the API server",
                    "kubectl -n chaos-mesh get pods -o wide -l app.kubernetes.io/component=controller-manager, and how busy that"
                            + " machine is",
                    "failed calling webhook",
                    "deadline exceeded"),
            sign(
                    "Chaos Mesh's controller is not running or not reachable, and its webhooks block every change of its objects",
                    "kubectl -n chaos-mesh get pods -l app.kubernetes.io/component=controller-manager",
                    "failed calling webhook"),
            sign(
                    "no chaos-daemon runs on the target's machine",
                    "kubectl -n chaos-mesh get pods -o wide -l app.kubernetes.io/component=chaos-daemon; a tainted machine"
                            + " needs chaosDaemon.tolerations",
                    "cannot find daemonip"),
            sign(
                    "Chaos Mesh's controller does not reach its DNS server: it asks any pod with that server's label, also one that has"
                            + " ended",
                    "kubectl -n chaos-mesh get pods -l app.kubernetes.io/component=chaos-dns-server, and delete those that do not run",
                    "error while dialing",
                    ":9288"),
            sign(
                    "a kernel module for traffic control is missing on the target's machine",
                    "modprobe sch_netem sch_tbf sch_prio there",
                    "specified qdisc not found"),
            sign(
                    "a kernel module for traffic control is missing on the target's machine: sch_netem (delay, loss,"
                            + " duplicate, corrupt), sch_tbf (bandwidth), or sch_prio (all of these with a target); or its"
                            + " kernel refuses a duplicate beside another NetworkChaos with delay, loss, duplicate or"
                            + " corrupt on the same pod",
                    "kubectl -n chaos-mesh logs -l app.kubernetes.io/component=chaos-daemon. It says 'Specified qdisc kind is"
                            + " unknown': modprobe sch_netem sch_tbf sch_prio there. It says 'cannot mix duplicating netems"
                            + " with other netems in tree': make them one NetworkChaos with action netem",
                    "unable to set tcs"),
            sign(
                    "a kernel module for packet filters is missing on the target's machine",
                    "modprobe ip_set xt_set ip_tables there",
                    "iptables"),
            sign(
                    "the daemon does not find the container, as with a wrong container runtime or socket",
                    "set chaosDaemon.runtime and chaosDaemon.socketPath of Chaos Mesh's chart: containerd and"
                            + " /run/containerd/containerd.sock with kind, /run/k3s/containerd/containerd.sock with k3s",
                    "unable to flush ip sets"),
            sign(
                    "the daemon speaks to another container runtime than the machine has",
                    "set chaosDaemon.runtime and chaosDaemon.socketPath of Chaos Mesh's chart: containerd and"
                            + " /run/containerd/containerd.sock with kind, /run/k3s/containerd/containerd.sock with k3s",
                    "expected",
                    "://"),
            sign(
                    "the daemon cannot reach the container runtime: wrong socket",
                    "set chaosDaemon.socketPath of Chaos Mesh's chart",
                    ".sock"),
            sign(
                    "IOChaos needs an amd64 machine with /dev/fuse, and a volumePath that is a mounted volume",
                    "ls -l /dev/fuse on the machine, and compare spec.volumePath with the container's volumeMounts",
                    "toda"),
            sign(
                    "Chaos Mesh's DNS server is not installed",
                    "install the chart with dnsServer.create=true",
                    "chaos-mesh-dns-server"),
            sign(
                    "Chaos Mesh's DNS server does not answer",
                    "install the chart with dnsServer.create=true",
                    "dns server"),
            sign(
                    "the pod uses its machine's network, which Chaos Mesh refuses to disturb",
                    "run the broker without hostNetwork",
                    "hostnetwork"),
            sign(
                    "KernelChaos does not work in Chaos Mesh up to 2.8.3",
                    "use an IOChaos with action fault and errno 5 instead",
                    "too few parts of namespacedname"),
            sign(
                    "Chaos Mesh's own service account lacks rights",
                    "reinstall the chart with clusterScoped=true, or set controllerManager.targetNamespace to the"
                            + " targets' namespace",
                    "is forbidden"),
            sign(
                    "the chaos-daemon does not answer",
                    "kubectl -n chaos-mesh get pods -o wide -l app.kubernetes.io/component=chaos-daemon, and its log",
                    "connection refused"),
            sign(
                    "the chaos-daemon does not answer in time",
                    "kubectl -n chaos-mesh logs -l app.kubernetes.io/component=chaos-daemon",
                    "deadline exceeded"));

    private static Sign sign(String cause, String nextStep, String... words) {
        return new Sign(List.of(words), new Diagnosis(cause, nextStep));
    }

    static Optional<Diagnosis> of(String text) {
        var lower = text.toLowerCase(Locale.ROOT);
        return SIGNS.stream()
                .filter(sign -> sign.fits(lower))
                .map(Sign::diagnosis)
                .findFirst();
    }

    @Override
    public String toString() {
        return "Likely cause: " + cause + ". Next step: " + nextStep;
    }
}
