package io.havoq.environment.k3s;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A Docker daemon, a Helm and an API server that write down what they are told. */
final class ScriptedDocker implements ContainerDaemon, ChartInstaller, BrokerCluster {
    final List<String> diary = new ArrayList<>();
    final Set<String> images = new TreeSet<>();
    /** Containers that run, by name, with their labels. */
    final Map<String, Map<String, String>> containers = new TreeMap<>();

    String address = "unix:///var/run/docker.sock";
    /** What a file made by docker save holds. */
    String inTar = "";

    String failing = "";

    /** The step that does not end before its thread is interrupted, and what tells that it has begun. */
    String lasting = "";

    CountDownLatch lasts = new CountDownLatch(1);
    /** What else happens in a step. */
    Map<String, Runnable> during = Map.of();

    @Nullable
    Request request;

    @Nullable
    Chart chart;

    private void at(String step) {
        if (step.startsWith("remove") && Thread.currentThread().isInterrupted()) {
            // As a channel does (InterruptibleChannel).
            throw new IllegalStateException("scripted: " + step + " by an interrupted thread");
        }
        diary.add(step);
        if (failing.equals(step)) {
            throw new IllegalStateException("scripted: " + step + " fails");
        }
        during.getOrDefault(step, () -> {}).run();
        last(step);
    }

    void last(String step) {
        if (lasting.equals(step)) {
            lasts.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("scripted: " + step + " is interrupted", e);
            }
        }
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public boolean has(String image) {
        return images.contains(image);
    }

    @Override
    public void pull(String image) throws IOException {
        at("pull " + image);
        throw new IOException("no route to the registry");
    }

    @Override
    public void load(Path tar) {
        at("load " + tar.getFileName());
        images.add(inTar);
    }

    @Override
    public void save(String image, Path tar) {
        at("save " + image);
    }

    @Override
    public List<String> remove(String label, String value) {
        var found = containers.entrySet().stream()
                .filter(container -> value.equals(container.getValue().get(label)))
                .map(Map.Entry::getKey)
                .toList();
        at("remove " + found);
        found.forEach(containers::remove);
        return found;
    }

    @Override
    public Node start(Request asked) {
        request = asked;
        containers.put("k3s-" + containers.size(), asked.labels());
        at("start");
        return new Node() {
            @Override
            public String kubeconfig() {
                return "kubeconfig";
            }

            @Override
            public String address(int port) {
                return "localhost:" + (port + 10_000);
            }

            @Override
            public void loadImages(Path tar) {
                at("import " + (tar.getFileName().toString().startsWith("image") ? "saved" : tar.getFileName()));
            }
        };
    }

    @Override
    public void install(String kubeconfig, Chart asked, Path files) {
        chart = asked;
        at("chart " + asked.location());
    }

    @Override
    public void apply(String source, String text, String namespace) {
        at("apply " + source + " to " + namespace);
    }

    @Override
    public void awaitReady(String namespace, Duration timeout) {
        at("ready " + namespace);
    }

    @Override
    public List<String> brokers(String namespace) {
        return List.of("emqx-go-0", "emqx-go-1", "emqx-go-2");
    }

    @Override
    public void open(String namespace, String pod, int podPort, int nodePort) {
        at("open " + pod + " " + podPort + " at " + nodePort);
    }

    @Override
    public void close() {
        at("client closed");
    }
}
