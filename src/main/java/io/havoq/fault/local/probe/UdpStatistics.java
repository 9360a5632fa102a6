package io.havoq.fault.local.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A network namespace's UDP counters since it was made, from /proc/net/snmp (RFC 4113; InCsumErrors is Linux' own).
 *
 * @param received datagrams given to sockets
 * @param sent datagrams sent
 * @param bufferErrors dropped because a socket's buffer was full
 * @param checksumErrors dropped because the checksum was wrong: what a corrupted packet ends as
 */
public record UdpStatistics(long received, long sent, long bufferErrors, long checksumErrors) {
    /** Of the namespace that the calling thread is in. */
    public static UdpStatistics read() throws IOException {
        return parse(Files.readString(Path.of("/proc/thread-self/net/snmp")));
    }

    static UdpStatistics parse(String snmp) throws IOException {
        var lines = snmp.lines().filter(line -> line.startsWith("Udp: ")).toList();
        if (lines.size() != 2) {
            throw new IOException(
                    "/proc/net/snmp should have two lines that begin with 'Udp: ', but has " + lines.size());
        }
        var names = lines.get(0).split(" ");
        var values = lines.get(1).split(" ");
        return new UdpStatistics(
                value(names, values, "InDatagrams"),
                value(names, values, "OutDatagrams"),
                value(names, values, "RcvbufErrors"),
                value(names, values, "InCsumErrors"));
    }

    private static long value(String[] names, String[] values, String name) throws IOException {
        for (int i = 1; i < names.length && i < values.length; i++) {
            if (names[i].equals(name)) {
                return Long.parseLong(values[i]);
            }
        }
        throw new IOException("/proc/net/snmp has no Udp " + name + ": " + String.join(" ", names));
    }
}
