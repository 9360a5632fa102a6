package io.havoq.environment.k3s;

import com.marcnuri.helm.Helm;
import io.havoq.environment.EnvironmentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Helm itself, which helm-java carries: nothing has to be on the PATH. */
final class HelmChart implements ChartInstaller {
    @Override
    public void install(String kubeconfig, Chart chart, Path files) {
        try {
            HelmLibrary.in(files, () -> install(kubeconfig, chart));
        } catch (IllegalStateException e) {
            throw new EnvironmentException(
                    "the chart " + chart.location() + " cannot be installed as " + chart.release() + " into namespace "
                            + chart.namespace() + ": " + firstLine(e)
                            + "; where it cannot be downloaded, give a file or a directory with "
                            + K3sSettings.CHAOS_MESH_CHART.key(),
                    e);
        } catch (IOException e) {
            throw new EnvironmentException("Helm's library cannot be written to " + files + ": " + e.getMessage(), e);
        }
    }

    private static void install(String kubeconfig, Chart chart) {
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
    }

    private static String firstLine(RuntimeException problem) {
        return Arrays.stream(String.valueOf(problem.getMessage()).split("\n"))
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("no reason was given");
    }
}
