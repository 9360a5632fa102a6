package io.havoq.broker.reference;

import java.util.ArrayList;
import java.util.List;

/**
 * One entry of the log: operations of one boot of one node, numbered without gaps, so that sending it again is harmless.
 *
 * @param boot grows with every start of the node
 * @param sequence 1 for the first batch of a boot
 */
record Batch(String node, long boot, long sequence, List<Operation> operations) {

    static byte[] header(String node, long boot, long sequence) {
        var out = new WireOutput(node.length() + 20);
        out.text(node);
        out.number(boot);
        out.number(sequence);
        return out.toByteArray();
    }

    byte[] encoded() {
        var out = new WireOutput(256);
        out.raw(header(node, boot, sequence));
        operations.forEach(operation -> OperationCodec.write(operation, out));
        return out.toByteArray();
    }

    static Batch decoded(byte[] bytes) {
        var in = new WireInput(bytes);
        var node = in.text();
        var boot = in.number();
        var sequence = in.number();
        var operations = new ArrayList<Operation>();
        while (!in.exhausted()) {
            operations.add(OperationCodec.read(in));
        }
        return new Batch(node, boot, sequence, operations);
    }
}
