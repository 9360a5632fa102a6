package io.havoq.environment.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.havoq.environment.Role;
import io.havoq.settings.Settings;
import io.havoq.time.GoDuration;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which part each node has in its cluster, as a page of its own tells it: Kubernetes knows none. By default what the reference broker's
 * {@code /health} says; other brokers by settings. Thread-safe.
 */
final class BrokerRoles {
    /** For the answers of all pods: to connect and to be told take two seconds each at most, unless it comes in drops. */
    private static final Duration TOGETHER = Duration.ofSeconds(5);

    private final BrokerPods pods;
    private final PodPages pages;
    private final Settings settings;
    private final Pattern leader;
    private final Pattern follower;

    /** A role, and for people why it is not known. */
    private record Told(Role role, String why) {
        static Told unknown(String why) {
            return new Told(Role.UNKNOWN, why);
        }
    }

    BrokerRoles(BrokerPods pods, PodPages pages, Settings settings) {
        this.pods = pods;
        this.pages = pages;
        this.settings = settings;
        leader = settings.get(KubernetesSettings.ROLE_LEADER);
        follower = settings.get(KubernetesSettings.ROLE_FOLLOWER);
    }

    /** Whether somebody said where roles are told: then they have to be. */
    private boolean named() {
        return !settings.get(KubernetesSettings.ROLE_PATH).isBlank()
                && Stream.of(
                                KubernetesSettings.ROLE_PORT,
                                KubernetesSettings.ROLE_PATH,
                                KubernetesSettings.ROLE_LEADER,
                                KubernetesSettings.ROLE_FOLLOWER)
                        .anyMatch(settings::isSet);
    }

    /** Of every member, asked now; unknown of those that are not there. */
    Map<String, Role> now() {
        var roles = new TreeMap<String, Role>();
        pods.names().forEach(name -> roles.put(name, Role.UNKNOWN));
        told(pods.list()).forEach((name, told) -> roles.put(name, told.role()));
        return roles;
    }

    /** What these pods tell now. */
    Survey.Roles of(List<Pod> asked) {
        var roles = new TreeMap<String, Role>();
        var problems = new TreeMap<String, String>();
        told(asked).forEach((name, told) -> {
            roles.put(name, told.role());
            if (told.role() == Role.UNKNOWN) {
                problems.put(name, told.why());
            }
        });
        return new Survey.Roles(roles, problems, named());
    }

    /** All at once: those that are silent are waited for together. */
    private Map<String, Told> told(List<Pod> asked) {
        var told = new TreeMap<String, Told>();
        if (asked.isEmpty()) {
            return told;
        }
        var threads = Executors.newFixedThreadPool(asked.size(), task -> {
            var thread = new Thread(task, "havoq-role");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var questions =
                    asked.stream().map(pod -> (Callable<Told>) () -> told(pod)).toList();
            var answers = threads.invokeAll(questions, TOGETHER.toNanos(), TimeUnit.NANOSECONDS);
            for (var i = 0; i < asked.size(); i++) {
                told.put(asked.get(i).getMetadata().getName(), answer(answers.get(i)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            asked.forEach(pod -> told.put(pod.getMetadata().getName(), Told.unknown("interrupted while it was asked")));
        } finally {
            threads.shutdownNow();
        }
        return told;
    }

    private static Told answer(Future<Told> asked) throws InterruptedException {
        try {
            return asked.get();
        } catch (CancellationException e) {
            return Told.unknown("no answer within " + GoDuration.format(TOGETHER));
        } catch (ExecutionException e) {
            throw new IllegalStateException("a pod's role could not be asked for", e.getCause());
        }
    }

    private Told told(Pod pod) {
        var path = settings.get(KubernetesSettings.ROLE_PATH).strip();
        if (path.isEmpty()) {
            return Told.unknown("no page is named (" + KubernetesSettings.ROLE_PATH.key() + ")");
        }
        var separate = settings.get(KubernetesSettings.ROLE_PORT);
        var port = separate > 0 ? OptionalInt.of(separate) : pods.port(pod, KubernetesSettings.METRICS_PORT);
        if (port.isEmpty()) {
            return Told.unknown("it declares no port " + settings.get(KubernetesSettings.METRICS_PORT));
        }
        var where = "port " + port.getAsInt() + ", " + path;
        try {
            var page = pages.get(pod, port.getAsInt(), path);
            var leads = leader.matcher(page.text()).find();
            var follows = follower.matcher(page.text()).find();
            if (leads == follows) {
                return Told.unknown(where + " answers " + page.status() + " and "
                        + (leads ? "says both leader and follower" : "tells no role"));
            }
            return new Told(leads ? Role.LEADER : Role.FOLLOWER, "");
        } catch (IOException e) {
            return Told.unknown(where + ": " + e.getMessage());
        }
    }
}
