package io.havoq.fault.chaosmesh;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A shell that answers from a list; the last answer stays. */
final class ScriptedShell implements Shell {
    private final Deque<Output> answers = new ArrayDeque<>();
    private final List<String> scripts = new ArrayList<>();

    static ScriptedShell writing(String... texts) {
        var shell = new ScriptedShell();
        for (var text : texts) {
            shell.answers.add(new Output(true, text));
        }
        return shell;
    }

    /** One of an image without a shell. */
    static ScriptedShell none() {
        var shell = new ScriptedShell();
        shell.answers.add(new Output(false, "exec: \"sh\": executable file not found in $PATH"));
        return shell;
    }

    static String ping(int sent, int received, String millis) {
        var text = new StringBuilder("PING 10.1.0.2 (10.1.0.2): 56 data bytes\n");
        for (var i = 0; i < received; i++) {
            text.append("64 bytes from 10.1.0.2: seq=" + i + " ttl=63 time=" + millis + " ms\n");
        }
        return text + "\n--- 10.1.0.2 ping statistics ---\n" + sent + " packets transmitted, " + received
                + " packets received, " + (100 * (sent - received) / sent) + "% packet loss\n"
                + "round-trip min/avg/max = " + millis + "/" + millis + "/" + millis + " ms\n";
    }

    synchronized List<String> scripts() {
        return List.copyOf(scripts);
    }

    @Override
    public synchronized Output run(PodView pod, String container, String script) {
        scripts.add(script);
        return answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
    }
}
