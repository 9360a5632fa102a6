package io.havoq.environment.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The smallest thing that passes for a broker node: answers CONNECT with CONNACK. Arguments: its address as host:port, and what is peculiar
 * about it: {@code stubborn} (ignores SIGTERM), {@code forks} (starts a child in a session of its own), {@code talks} (writes a
 * megabyte of log), {@code dates} (writes a line with the time for each connection), {@code fills} (leaves a file of 64 MiB), {@code writes}
 * (writes to a file and forces it to the disk all the time), {@code strict} (ends when that fails), {@code fails} (ends at once).
 */
final class TestNode {
    static final int EXIT_FAILED_WRITE = 74;
    private static final int ANSWER_MILLIS = 500;

    private TestNode() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var peculiar = List.of(arguments).subList(1, arguments.length);
        if (peculiar.contains("fails")) {
            System.out.println("this node was told to fail");
            System.exit(3);
        }
        if (peculiar.contains("stubborn")) {
            Runtime.getRuntime().addShutdownHook(new Thread(TestNode::hang));
        }
        if (peculiar.contains("forks")) {
            new ProcessBuilder("setsid", "sleep", "600").inheritIO().start();
            new ProcessBuilder("sleep", "601").inheritIO().start();
        }
        if (peculiar.contains("talks")) {
            for (int i = 0; i < 10_000; i++) {
                System.out.printf("line %06d %s%n", i, "x".repeat(90));
            }
        }
        if (peculiar.contains("fills")) {
            try (var file = Files.newOutputStream(Path.of("filled"))) {
                for (int mebibytes = 0; mebibytes < 64; mebibytes++) {
                    file.write(new byte[1 << 20]);
                }
            }
        }
        if (peculiar.contains("writes")) {
            var writer = new Thread(() -> write(peculiar.contains("strict")), "writer");
            writer.setDaemon(true);
            writer.start();
        }
        Files.writeString(Path.of("starts"), "start\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        System.out.println(
                "starts so far: " + Files.readAllLines(Path.of("starts")).size());
        var address = arguments[0].split(":", 2);
        try (var listener = new ServerSocket(Integer.parseInt(address[1]), 50, InetAddress.getByName(address[0]))) {
            while (true) {
                var connection = listener.accept();
                var dates = peculiar.contains("dates");
                if (dates) {
                    System.out.println(Instant.now() + " connection");
                }
                var thread = new Thread(() -> serve(connection, dates), "connection");
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private static void write(boolean strict) {
        try (var file = FileChannel.open(Path.of("data.log"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (true) {
                try {
                    file.write(ByteBuffer.wrap(new byte[8]), 0);
                    file.force(false);
                } catch (IOException e) {
                    System.out.println("data.log: " + e.getMessage());
                    if (strict) {
                        Runtime.getRuntime().halt(EXIT_FAILED_WRITE);
                    }
                }
                LockSupport.parkNanos(20_000_000);
            }
        } catch (IOException e) {
            System.out.println("data.log cannot be opened: " + e.getMessage());
        }
    }

    private static void serve(Socket connection, boolean dates) {
        try (connection) {
            var in = connection.getInputStream();
            if (in.read() == 0x10) {
                in.readNBytes(in.read());
                connection.getOutputStream().write(new byte[] {0x20, 2, 0, 0});
            }
            while (in.read() >= 0) {
                // until the client leaves
            }
        } catch (IOException e) {
            System.out.println((dates ? Instant.now() + " " : "") + "connection ended: " + e.getMessage());
        }
    }

    /** Whether it answers a CONNECT: then its line is written. Of a client that leaves before, the way to a node need not tell it. */
    static boolean answers(InetSocketAddress address) {
        try (var socket = new Socket()) {
            socket.connect(address, ANSWER_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write(new byte[] {0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 30, 0, 0});
            return socket.getInputStream().read() == 0x20;
        } catch (IOException e) {
            return false; // it is down, or cut off
        }
    }

    private static void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The command line for {@code havoq.broker.command}. */
    static String command(String... peculiar) {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        var classes = Path.of(TestNode.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        return "'" + java + "' -Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp '" + classes + "' "
                + TestNode.class.getName() + " {host}:{mqtt} " + String.join(" ", peculiar);
    }
}
