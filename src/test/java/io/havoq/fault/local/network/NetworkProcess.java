package io.havoq.fault.local.network;

import static io.havoq.fault.local.network.TestNetwork.datagram;
import static io.havoq.fault.local.network.TestNetwork.pair;

import java.net.DatagramPacket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process with a network of its own, for {@link NetworkProcessTest}. For each kind of port it is given ({@code ANY}, {@code
 * TUN}, {@code VETH}) it makes two nodes, passes a packet, lets none pass through a partition, passes one again, and tells what
 * it found on one line. With {@code hold} as the last argument it then tells the namespaces and stays.
 */
public final class NetworkProcess {
    private NetworkProcess() {}

    public static void main(String[] arguments) throws Exception {
        var hold = arguments[arguments.length - 1].equals("hold");
        for (var argument : arguments) {
            if (argument.equals("hold")) {
                System.out.println("ready");
                System.in.read();
                return;
            }
            var kinds = argument.equals("ANY") ? new Ports.Kind[0] : new Ports.Kind[] {Ports.Kind.valueOf(argument)};
            var network = new TestNetwork(1, 2, kinds);
            System.out.println(exchange(network) + " " + network.ports().kind() + " "
                    + network.packets().describe() + " " + network.ports().reason());
            if (hold) {
                for (var node = 0; node < 2; node++) {
                    System.out.println(
                            network.in(node, () -> Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))));
                }
            } else {
                network.close();
            }
        }
    }

    private static String exchange(TestNetwork network) throws Exception {
        try (var from = network.socket(0, 7000);
                var to = network.socket(1, 7000)) {
            var packet = new DatagramPacket(new byte[100], 100);
            from.send(datagram(1, 7000, new byte[10]));
            to.receive(packet);
            network.packets().impose("cut", pair(0, 1), List.of(new Impairment.Partition()));
            from.send(datagram(1, 7000, new byte[20]));
            to.setSoTimeout(200);
            try {
                to.receive(packet);
                return "LEAKED";
            } catch (SocketTimeoutException e) {
                to.setSoTimeout(2_000);
            }
            network.packets().lift("cut");
            from.send(datagram(1, 7000, new byte[30]));
            to.receive(packet);
            return packet.getLength() == 30 ? "works" : "LATE " + packet.getLength();
        }
    }
}
