package io.havoq.broker.reference;

import io.havoq.broker.reference.Operation.Barrier;
import io.havoq.broker.reference.Operation.Connect;
import io.havoq.broker.reference.Operation.Disconnect;
import io.havoq.broker.reference.Operation.Hello;
import io.havoq.broker.reference.Operation.NodeDead;
import io.havoq.broker.reference.Operation.Puback;
import io.havoq.broker.reference.Operation.Pubcomp;
import io.havoq.broker.reference.Operation.Publish;
import io.havoq.broker.reference.Operation.Pubrec;
import io.havoq.broker.reference.Operation.Pubrel;
import io.havoq.broker.reference.Operation.Subscribe;
import io.havoq.broker.reference.Operation.Tick;
import io.havoq.broker.reference.Operation.Unsubscribe;
import java.util.ArrayList;

/** The binary form of operations in the log. */
final class OperationCodec {
    private static final int HELLO = 1;
    private static final int BARRIER = 2;
    private static final int CONNECT = 3;
    private static final int DISCONNECT = 4;
    private static final int SUBSCRIBE = 5;
    private static final int UNSUBSCRIBE = 6;
    private static final int PUBLISH = 7;
    private static final int PUBREL = 8;
    private static final int PUBACK = 9;
    private static final int PUBREC = 10;
    private static final int PUBCOMP = 11;
    private static final int TICK = 12;
    private static final int NODE_DEAD = 13;

    private OperationCodec() {}

    static void write(Operation operation, WireOutput out) {
        if (operation instanceof Publish publish) {
            out.octet(PUBLISH);
            out.number(publish.connection());
            out.number(publish.packetId());
            out.octet(publish.qos() | (publish.retain() ? 4 : 0));
            out.text(publish.topic());
            out.blob(publish.payload());
            out.blob(publish.properties());
            out.number(publish.expirySeconds());
        } else if (operation instanceof Puback ack) {
            packet(out, PUBACK, ack.connection(), ack.packetId());
        } else if (operation instanceof Pubrec ack) {
            packet(out, PUBREC, ack.connection(), ack.packetId());
        } else if (operation instanceof Pubcomp ack) {
            packet(out, PUBCOMP, ack.connection(), ack.packetId());
        } else if (operation instanceof Pubrel release) {
            packet(out, PUBREL, release.connection(), release.packetId());
        } else if (operation instanceof Connect connect) {
            out.octet(CONNECT);
            out.number(connect.connection());
            out.text(connect.clientId());
            out.octet(connect.version());
            out.flag(connect.cleanStart());
            out.number(connect.expiry());
            out.number(connect.receiveMaximum());
            out.number(connect.maximumPacketSize());
        } else if (operation instanceof Disconnect disconnect) {
            out.octet(DISCONNECT);
            out.number(disconnect.connection());
            out.number(disconnect.expiry());
        } else if (operation instanceof Subscribe subscribe) {
            packet(out, SUBSCRIBE, subscribe.connection(), subscribe.packetId());
            out.number(subscribe.subscriptions().size());
            subscribe.subscriptions().forEach(subscription -> subscription.write(out));
        } else if (operation instanceof Unsubscribe unsubscribe) {
            packet(out, UNSUBSCRIBE, unsubscribe.connection(), unsubscribe.packetId());
            out.number(unsubscribe.filters().size());
            unsubscribe.filters().forEach(out::text);
        } else if (operation instanceof Tick tick) {
            out.octet(TICK);
            out.number(tick.clock());
            out.number(tick.members());
        } else if (operation instanceof NodeDead dead) {
            out.octet(NODE_DEAD);
            out.text(dead.node());
            out.number(dead.boot());
            out.number(dead.term());
        } else if (operation instanceof Hello) {
            out.octet(HELLO);
        } else if (operation instanceof Barrier) {
            out.octet(BARRIER);
        }
    }

    private static void packet(WireOutput out, int kind, long connection, int packetId) {
        out.octet(kind);
        out.number(connection);
        out.number(packetId);
    }

    static Operation read(WireInput in) {
        var kind = in.octet();
        return switch (kind) {
            case HELLO -> new Hello();
            case BARRIER -> new Barrier();
            case CONNECT ->
                new Connect(in.number(), in.text(), in.octet(), in.flag(), in.number(), in.integer(), in.number());
            case DISCONNECT -> new Disconnect(in.number(), in.number());
            case SUBSCRIBE -> subscribe(in);
            case UNSUBSCRIBE -> unsubscribe(in);
            case PUBLISH -> publish(in);
            case PUBREL -> new Pubrel(in.number(), in.integer());
            case PUBACK -> new Puback(in.number(), in.integer());
            case PUBREC -> new Pubrec(in.number(), in.integer());
            case PUBCOMP -> new Pubcomp(in.number(), in.integer());
            case TICK -> new Tick(in.number(), in.integer());
            case NODE_DEAD -> new NodeDead(in.text(), in.number(), in.number());
            default -> throw new IllegalArgumentException("operation " + kind + " in the log is unknown");
        };
    }

    private static Publish publish(WireInput in) {
        var connection = in.number();
        var packetId = in.integer();
        var flags = in.octet();
        return new Publish(
                connection, packetId, flags & 3, (flags & 4) != 0, in.text(), in.blob(), in.blob(), in.number());
    }

    private static Subscribe subscribe(WireInput in) {
        var connection = in.number();
        var packetId = in.integer();
        var count = in.integer();
        var subscriptions = new ArrayList<Subscription>();
        for (var i = 0; i < count; i++) {
            subscriptions.add(Subscription.read(in));
        }
        return new Subscribe(connection, packetId, subscriptions);
    }

    private static Unsubscribe unsubscribe(WireInput in) {
        var connection = in.number();
        var packetId = in.integer();
        var count = in.integer();
        var filters = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            filters.add(in.text());
        }
        return new Unsubscribe(connection, packetId, filters);
    }
}
