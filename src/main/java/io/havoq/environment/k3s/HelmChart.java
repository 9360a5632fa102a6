package io.havoq.environment.k3s;

import com.marcnuri.helm.Helm;
import io.havoq.environment.EnvironmentException;
import java.util.Arrays;

/** Helm itself, which helm-java carries: nothing has to be on the PATH. */
final class HelmChart implements ChartInstaller {
    @Override
    public void install(String kubeconfig, Chart chart) {
        try {
            var there = Helm.list()
                    .withKubeConfigContents(kubeconfig)
                    .withNamespace(chart.namespace())
                    .call();
            if (there.stream()
                    .anyMatch(release -> release.getName().equals(chart.release())
                            && release.getStatus().equals("deployed"))) {
                return;
            }
            var install = Helm.install(chart.location())
                    .withName(chart.release())
                    .withNamespace(chart.namespace())
                    .createNamespace()
                    .withKubeConfigContents(kubeconfig)
                    .withValuesFile(chart.values());
            chart.set().forEach(install::set);
            install.call();
        } catch (IllegalStateException e) {
            throw new EnvironmentException(
                    "the chart " + chart.location() + " cannot be installed as " + chart.release() + " into namespace "
                            + chart.namespace() + ": " + firstLine(e)
                            + "; where it cannot be downloaded, give a file or a directory with "
                            + K3sSettings.CHAOS_MESH_CHART.key(),
                    e);
        }
    }

    private static String firstLine(RuntimeException problem) {
        return Arrays.stream(String.valueOf(problem.getMessage()).split("\n"))
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("no reason was given");
    }
}
