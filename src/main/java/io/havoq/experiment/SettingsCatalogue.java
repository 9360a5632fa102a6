package io.havoq.experiment;

import io.havoq.broker.BrokerSettings;
import io.havoq.broker.ReferenceSettings;
import io.havoq.environment.k3s.K3sSettings;
import io.havoq.environment.kubernetes.KubernetesSettings;
import io.havoq.environment.local.LocalSettings;
import io.havoq.fault.chaosmesh.ChaosMeshSettings;
import io.havoq.journal.JournalSettings;
import io.havoq.manifest.ManifestSettings;
import io.havoq.recovery.RecoverySettings;
import io.havoq.report.ReportSettings;
import io.havoq.settings.Setting;
import io.havoq.workload.WorkloadSettings;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Every setting of Havoq, gathered from the packages that declare them, for the documentation. */
public final class SettingsCatalogue {
    private SettingsCatalogue() {}

    /** The settings, package by package. */
    public static List<Setting<?>> all() {
        return Stream.of(
                        ExperimentSettings.all(),
                        ReportSettings.all(),
                        ManifestSettings.all(),
                        BrokerSettings.all(),
                        ReferenceSettings.all(),
                        LocalSettings.all(),
                        K3sSettings.all(),
                        KubernetesSettings.all(),
                        ChaosMeshSettings.all(),
                        JournalSettings.all(),
                        WorkloadSettings.all(),
                        RecoverySettings.all())
                .<Setting<?>>flatMap(List::stream)
                .toList();
    }

    /**
     * Refuses what looks like a setting and is none: a typing error would otherwise leave a default in force unnoticed.
     *
     * @throws IllegalArgumentException naming it and what comes near
     */
    static void refuseUnknown(Collection<String> properties) {
        var known = all().stream().map(Setting::key).toList();
        properties.stream()
                .filter(property -> property.startsWith("havoq.") && !known.contains(property))
                .sorted()
                .findFirst()
                .ifPresent(unknown -> {
                    throw new IllegalArgumentException("setting " + unknown + " is unknown: did you mean "
                            + known.stream()
                                    .min(Comparator.comparingInt(key -> -commonPrefix(key, unknown)))
                                    .orElseThrow()
                            + "? docs/settings.md has them all");
                });
    }

    private static int commonPrefix(String one, String two) {
        var length = 0;
        while (length < Math.min(one.length(), two.length()) && one.charAt(length) == two.charAt(length)) {
            length++;
        }
        return length;
    }
}
