package io.havoq.bench;

import io.havoq.ledger.Ledger;
import io.havoq.ledger.Outcome;
import io.havoq.ledger.PublisherLog;
import io.havoq.ledger.SubscriberLog;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures what the ledger costs: the processor time of one message's send, acknowledgement and delivery on one thread, the
 * heap that a message leaves behind, and the processor time of a judgement. Prints medians; see docs/benchmarks.md.
 *
 * <p>Arguments: runs (5), messages for each run (1000000).
 */
public final class LedgerBenchmark {
    private static final int CLIENTS = 500;
    private static final int PAYLOAD_BYTES = 256;
    private static final long MESSAGE_NANOS = 10_000_000; // 100 messages a second, the plan's load

    private LedgerBenchmark() {}

    private record Run(double nanosPerMessage, double bytesPerMessage, double judgeMillis) {}

    public static void main(String[] arguments) {
        var runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        var messages = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        run(messages); // warm-up
        var results = new ArrayList<Run>();
        for (var i = 0; i < runs; i++) {
            results.add(run(messages));
        }
        System.out.printf(
                Locale.ROOT,
                "median of %d runs of %d messages of %d B over %d publishers, each delivered once:%n"
                        + "  send + acknowledgement + delivery  %8.0f ns%n"
                        + "  heap kept for each message         %8.2f B%n"
                        + "  judgement of all of them           %8.2f ms%n",
                runs,
                messages,
                PAYLOAD_BYTES,
                CLIENTS,
                median(results.stream().mapToDouble(Run::nanosPerMessage).toArray()),
                median(results.stream().mapToDouble(Run::bytesPerMessage).toArray()),
                median(results.stream().mapToDouble(Run::judgeMillis).toArray()));
    }

    private static Run run(int messages) {
        var ledger = new Ledger(1, PAYLOAD_BYTES);
        List<PublisherLog> publishers = new ArrayList<>();
        List<SubscriberLog> subscribers = new ArrayList<>();
        for (var i = 0; i < CLIENTS; i++) {
            publishers.add(ledger.publisher(i, "p" + i, "bench/" + i));
            var subscriber = ledger.subscriber(i, "s" + i, "bench/" + i);
            subscriber.connected("node", false, System.nanoTime());
            subscriber.subscribed(2, System.nanoTime());
            subscribers.add(subscriber);
        }
        var topics = new String[CLIENTS];
        Arrays.setAll(topics, i -> "bench/" + i);
        var heapBefore = usedHeap();
        var start = System.nanoTime();
        var processor = ManagementFactory.getThreadMXBean();
        // Processor time: what else runs on the machine does not count, and neither does collecting garbage.
        var began = processor.getCurrentThreadCpuTime();
        for (var i = 0; i < messages; i++) {
            var client = i % CLIENTS;
            var qos = i / CLIENTS % 10 < 4 ? 0 : i / CLIENTS % 10 < 9 ? 1 : 2;
            // The times are those of the plan's load; only the recording is driven as fast as it goes.
            var at = start + i * MESSAGE_NANOS;
            var publisher = publishers.get(client);
            var message = publisher.sending(qos, "node", at, at);
            publisher.outcome(qos, message.sequence(), Outcome.ACKNOWLEDGED, at + 1_000_000, "");
            subscribers
                    .get(client)
                    .delivered(topics[client], qos, false, false, message.payload(), at + 2_000_000 + i % 1000 * 1000L);
        }
        var nanos = processor.getCurrentThreadCpuTime() - began;
        var heap = usedHeap() - heapBefore;
        var judging = processor.getCurrentThreadCpuTime();
        var judgement = ledger.judge();
        var judged = processor.getCurrentThreadCpuTime() - judging;
        if (!judgement.violations().isEmpty() || !ledger.settled()) {
            throw new IllegalStateException("the benchmark's own exchange was judged faulty: " + judgement);
        }
        return new Run((double) nanos / messages, (double) heap / messages, judged / 1e6);
    }

    private static long usedHeap() {
        // Two collections: the first may leave what only a reference processor frees.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
