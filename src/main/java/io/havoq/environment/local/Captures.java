package io.havoq.environment.local;

import io.havoq.environment.EnvironmentException;
import io.havoq.fault.local.network.NetworkControl;
import io.havoq.fault.local.network.NetworkSettings;
import io.havoq.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files that the packets of each experiment are captured in, if that is wanted. */
record Captures(boolean wanted, Path directory, int mebibytes) {
    static Captures of(Settings settings, Path directory) {
        return new Captures(
                settings.get(NetworkSettings.CAPTURE), directory, settings.get(NetworkSettings.CAPTURE_SIZE));
    }

    /** Ends the file of the experiment before and begins this one's. */
    void begin(String experiment, NetworkControl control) {
        var file = directory.resolve(experiment.replaceAll("[^A-Za-z0-9._~-]", "_") + ".pcap");
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new EnvironmentException(
                    "the directory " + directory + " for captured packets cannot be made: " + e.getMessage(), e);
        }
        control.endCapture();
        control.capture(file.toAbsolutePath(), (long) mebibytes << 20);
    }
}
