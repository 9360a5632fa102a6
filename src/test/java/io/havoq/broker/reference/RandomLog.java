package io.havoq.broker.reference;

import java.util.List;
import java.util.Random;

/** Random operations of two nodes and eight clients, some of them senseless. */
final class RandomLog {
    private RandomLog() {}

    static void run(Random random, Replica replica, int operations) {
        var clock = 0L;
        for (var i = 0; i < operations; i++) {
            var connection = 1 + random.nextInt(8);
            var packetId = 1 + random.nextInt(12);
            Operation operation =
                    switch (random.nextInt(16)) {
                        case 0 ->
                            new Operation.Connect(
                                    connection,
                                    "c" + random.nextInt(8),
                                    random.nextBoolean() ? 5 : 4,
                                    random.nextInt(5) == 0,
                                    random.nextInt(4) == 0 ? 0 : random.nextInt(100),
                                    1 + random.nextInt(5),
                                    10_000);
                        case 1 -> Replica.subscribe(connection, "t/" + random.nextInt(4), random.nextInt(3));
                        case 2 -> Replica.subscribe(connection, "t/#", 2);
                        case 3 -> new Operation.Unsubscribe(connection, packetId, List.of("t/" + random.nextInt(4)));
                        case 4 -> new Operation.Disconnect(connection, -1);
                        case 5 -> new Operation.Pubrel(connection, packetId);
                        case 6, 7 -> new Operation.Puback(connection, packetId);
                        case 8 -> new Operation.Pubrec(connection, packetId);
                        case 9 -> new Operation.Pubcomp(connection, packetId);
                        case 10 -> new Operation.Tick(clock += random.nextInt(3000), 2);
                        default ->
                            Replica.publish(
                                    connection,
                                    packetId,
                                    random.nextInt(3),
                                    random.nextInt(6) == 0,
                                    "t/" + random.nextInt(4),
                                    random.nextInt(5) == 0 ? "" : "m" + i);
                    };
            if (random.nextInt(300) == 0) {
                replica.restartA();
            } else if (random.nextBoolean()) {
                replica.a(operation);
            } else {
                replica.b(operation);
            }
        }
    }
}
