package io.havoq.broker;

import io.havoq.environment.Credentials;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The ways to see from outside that a node is ready. None blocks for more than a second. */
final class ReadinessCheck {
    private static final int MILLIS = 900;

    private ReadinessCheck() {}

    /**
     * Whether an MQTT connection is accepted: CONNECT of protocol 3.1.1 (MQTT 3.1.1 section 3.1) with a clean session, answered
     * by CONNACK with return code 0 (section 3.2), whatever follows in that packet.
     */
    static boolean mqtt(InetSocketAddress node, String clientId, Optional<Credentials> credentials) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
        try (var socket = new Socket()) {
            socket.connect(node, MILLIS);
            socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            socket.getOutputStream().write(connect(clientId, credentials));
            var answer = socket.getInputStream().readNBytes(4);
            if (answer.length < 4 || answer[0] != 0x20 || answer[3] != 0) {
                return false;
            }
            socket.getOutputStream().write(new byte[] {(byte) 0xE0, 0}); // DISCONNECT
            return true;
        } catch (IOException e) {
            return false; // not yet
        }
    }

    private static byte[] connect(String clientId, Optional<Credentials> credentials) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var body = new DataOutputStream(bytes);
        body.writeUTF("MQTT");
        body.writeByte(4); // protocol level
        body.writeByte(credentials.isPresent() ? 0xC2 : 0x02); // user name, password, clean session
        body.writeShort(30); // keep-alive, s
        body.writeUTF(clientId);
        if (credentials.isPresent()) {
            body.writeUTF(credentials.get().username());
            body.writeUTF(credentials.get().password());
        }
        var packet = new ByteArrayOutputStream();
        packet.write(0x10);
        int length = bytes.size();
        do {
            packet.write(length % 128 | (length > 127 ? 0x80 : 0));
            length /= 128;
        } while (length > 0);
        bytes.writeTo(packet);
        return packet.toByteArray();
    }

    /** Whether a URL answers 200. */
    static boolean http(String url) {
        try {
            var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setConnectTimeout(MILLIS / 2);
            connection.setReadTimeout(MILLIS / 2);
            connection.setUseCaches(false);
            try {
                return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return false; // not yet
        }
    }

    /** Whether a command exits with 0. */
    static boolean command(List<String> words) {
        try {
            var process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                process.getOutputStream().close();
                return process.waitFor(MILLIS, TimeUnit.MILLISECONDS) && process.exitValue() == 0;
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new IllegalStateException("the readiness command cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
