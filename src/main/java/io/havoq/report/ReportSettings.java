package io.havoq.report;

import io.havoq.settings.Setting;
import java.util.List;

/** The settings of the results. */
public final class ReportSettings {

    /** Where {@code summary.json} and {@code summary.md} are written. */
    public static final Setting<String> RESULTS =
            Setting.text("havoq.results", "target/havoq", "Directory of summary.json and summary.md.");

    /** What holds the results of several JVMs of one build together, and those of two builds apart. */
    public static final Setting<String> RUN = Setting.text(
            "havoq.run",
            "",
            "Name of the run. JVMs that share it add to one summary; without it every JVM is a run. Maven sets it.");

    private ReportSettings() {}

    /** All of them, for the table of settings. */
    public static List<Setting<?>> all() {
        return List.of(RESULTS, RUN);
    }
}
