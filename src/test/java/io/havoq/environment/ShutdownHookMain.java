package io.havoq.environment;

import java.util.concurrent.atomic.AtomicReference;

/** A JVM that ends with a hook that is there, that was removed, or that removes itself. */
final class ShutdownHookMain {
    private ShutdownHookMain() {}

    public static void main(String[] args) {
        var own = new AtomicReference<ShutdownHook>();
        var hook = ShutdownHook.register("closing", () -> {
            var registered = own.get();
            if (registered != null) {
                registered.remove();
            }
            System.out.println("closed by " + Thread.currentThread().getName());
        });
        own.set(hook);
        if (args[0].equals("removed")) {
            hook.remove();
            hook.remove();
        }
        if (args[0].equals("late")) {
            // Somebody closes while the JVM is ending already.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                hook.remove();
                System.out.println("removed too late");
            }));
        }
        System.out.println("ends");
    }
}
