package io.havoq.fault.local.syscall;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Finds out whether a process that runs can be had watched, by trying it on one of its own, which must be as well afterwards as before. */
final class AttachmentProbe {
    private static final String WORD = "as before";

    private AttachmentProbe() {}

    /** Why it cannot be done; empty if it can. */
    static Optional<String> problem(String name, Attaching attaching) {
        try {
            var process = new ProcessBuilder("cat").redirectErrorStream(true).start();
            try {
                attaching.attach(List.of(new Attachable(name, process.pid(), Attachment.startOf(process.pid()))));
                try (var out = process.getOutputStream()) {
                    out.write((WORD + "\n").getBytes(StandardCharsets.UTF_8));
                }
                var said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                        .readLine();
                return WORD.equals(said)
                        ? Optional.empty()
                        : Optional.of("a program that was attached to is not as before: it said " + said);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
