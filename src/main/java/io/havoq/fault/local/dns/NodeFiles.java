package io.havoq.fault.local.dns;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node reads its name and its resolver from, as a kubelet writes it into a pod: hosts, resolv.conf (ClusterFirst
 * policy) and, for glibc, nsswitch.conf; and the words before a program that put them over the machine's in a mount and a UTS
 * namespace of the program's own. Works with real root and with the mapped root of a user namespace.
 *
 * <p>A caching name service of the machine (nscd) would be asked by way of its socket whatever resolv.conf says; its directory
 * is covered.
 */
public final class NodeFiles {
    private static final Path NSSWITCH = Path.of("/etc/nsswitch.conf");

    // $1 directory, $2 host name, then the program. Only what exists can be covered by a bind mount.
    private static final String SCRIPT = """
            dir=$1 host=$2
            shift 2
            fail() { echo "$host: cannot prepare the node's files: $*" >&2; exit 125; }
            [ -e /etc/resolv.conf ] || fail 'there is no /etc/resolv.conf to put one over: create an empty one'
            for file in resolv.conf hosts nsswitch.conf; do
                if [ -e "/etc/$file" ] && [ -e "$dir/$file" ]; then
                    mount --bind "$dir/$file" "/etc/$file" || fail "mount over /etc/$file"
                fi
            done
            if [ -e /var/run/nscd/socket ]; then
                mount -t tmpfs -o size=4k none /var/run/nscd || fail 'cover /var/run/nscd'
            fi
            if command -v hostname >/dev/null 2>&1; then
                hostname "$host" || fail 'set the host name'
            else
                echo "$host" >/proc/sys/kernel/hostname || fail 'set the host name (install the program hostname)'
            fi
            exec "$@"
            """;

    private final Path directory;
    private final String host;

    private NodeFiles(Path directory, String host) {
        this.directory = directory;
        this.host = host;
    }

    /**
     * Writes the files.
     *
     * @param directory for them, made if it is not there
     * @param host the pod's name
     * @param qualifiedName the pod's name in its headless service
     * @param address the pod's address
     */
    public static NodeFiles write(Path directory, String host, String qualifiedName, Inet4Address address)
            throws IOException {
        Files.createDirectories(directory);
        // Without the kubelet's IPv6 lines: nodes have IPv4 only.
        Files.writeString(
                directory.resolve("hosts"),
                "127.0.0.1\tlocalhost\n" + address.getHostAddress() + "\t" + qualifiedName + "\t" + host + "\n");
        Files.writeString(
                directory.resolve("resolv.conf"),
                "nameserver " + DnsServer.ADDRESS.getAddress().getHostAddress()
                        + "\nsearch default.svc.cluster.local svc.cluster.local cluster.local\n"
                        + "options ndots:5 timeout:1 attempts:2\n");
        if (Files.exists(NSSWITCH)) {
            Files.write(directory.resolve("nsswitch.conf"), filesThenDns(Files.readAllLines(NSSWITCH)));
        }
        return new NodeFiles(directory, host);
    }

    /** The machine's, with hosts from files and DNS only: no mDNS, no systemd-resolved. */
    static List<String> filesThenDns(List<String> machine) {
        var lines = new ArrayList<String>();
        machine.stream()
                .filter(line -> !line.stripLeading().startsWith("hosts:"))
                .forEach(lines::add);
        lines.add("hosts: files dns");
        return lines;
    }

    /** The words before the node's program; the program replaces them and keeps their process id. */
    public List<String> wrapper() {
        return List.of(
                "unshare",
                "--mount",
                "--uts",
                "--propagation",
                "private",
                "sh",
                "-c",
                SCRIPT,
                "node-files",
                directory.toAbsolutePath().toString(),
                host);
    }
}
