package io.havoq.fault.local.syscall;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A program that writes to a file and forces it to the disk whenever it is told to, and says how long it took or what went wrong. */
final class FileCalls {
    private FileCalls() {}

    public static void main(String[] arguments) throws IOException {
        try (var file = FileChannel.open(
                        Path.of(arguments[0]),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.READ);
                var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("ready");
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                long begin = System.nanoTime();
                String result;
                try {
                    switch (line) {
                        case "write" -> file.write(ByteBuffer.wrap(new byte[8]), 0);
                        case "read" -> file.read(ByteBuffer.allocate(8), 0);
                        default -> file.force(line.equals("fsync"));
                    }
                    result = "ok";
                } catch (IOException e) {
                    result = e.getMessage();
                }
                System.out.println((System.nanoTime() - begin) / 1_000_000 + " " + result);
            }
        }
    }
}
