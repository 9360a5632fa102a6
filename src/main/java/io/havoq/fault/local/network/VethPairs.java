package io.havoq.fault.local.network;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Makes veth pairs from the nodes' namespaces to one namespace that holds all of the switch's ends. */
final class VethPairs implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        var created = new Thread(task, "switch-namespace");
        created.setDaemon(true);
        return created;
    });
    private final NetworkNamespace ends;
    private int made;

    VethPairs() throws IOException {
        try {
            ends = inNamespace(NetworkNamespace::enter);
        } catch (IOException e) {
            thread.shutdown();
            throw e;
        }
    }

    /** On the thread of the node's namespace. */
    synchronized Port open(NetworkNamespace namespace, String name, Inet4Address address, int prefix, int mtu)
            throws IOException {
        var end = "port" + made++;
        ip("link", "add", "name", name, "type", "veth", "peer", "name", end, "netns", Long.toString(ends.threadId()));
        var opened = inNamespace(() -> PacketSocketPort.openEnd(end, mtu));
        try {
            return PacketSocketPort.open(namespace, name, opened, address, prefix, mtu);
        } catch (IOException | RuntimeException e) {
            opened.socket().close();
            throw e;
        }
    }

    private static void ip(String... words) throws IOException {
        var command = new java.util.ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Process process;
        try {
            // A child is in the namespace of the thread that starts it.
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException("cannot run ip; install iproute2: " + e.getMessage(), e);
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            var status = process.waitFor();
            if (status != 0) {
                throw new IOException(
                        String.join(" ", command) + " ended with status " + status + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while making a veth pair", e);
        }
    }

    private <T> T inNamespace(Callable<T> work) throws IOException {
        try {
            return thread.submit(work).get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while setting up the switch's namespace", e);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
