package io.havoq.fault.local.network;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** Does the same for several at the same time: what waits for datagrams waits once, not once for each. */
final class Together {
    private Together() {}

    /** The results in the order of what they were made from; throws what the first of them threw. */
    static <A, B> List<B> map(List<A> all, Function<? super A, ? extends B> task) {
        var futures = all.stream()
                .map(one -> CompletableFuture.<B>supplyAsync(() -> task.apply(one), Together::onThread))
                .toList();
        return all(futures);
    }

    /** What all of them come to; throws what the first of them threw. */
    static <B> List<B> all(List<CompletableFuture<B>> futures) {
        try {
            return futures.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Does something meanwhile. */
    static void onThread(Runnable task) {
        var thread = new Thread(task, "havoq-network-witness");
        thread.setDaemon(true);
        thread.start();
    }
}
