package io.havoq.fault.local.syscall;

import io.havoq.fault.local.service.NamespaceThread;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A machine on which one system call is not permitted, as a container's seccomp profile does it; tells what a service finds out there. */
final class DeniedMain {
    private static final int TSYNC = 1;
    private static final int EPERM = 1;

    private DeniedMain() {}

    public static void main(String[] arguments) throws IOException {
        Kernel.check(Kernel.prctl(Kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
        Kernel.check(
                CallFilter.failing(List.of(Integer.valueOf(arguments[1])), EPERM)
                        .install(TSYNC),
                "seccomp");
        var service = new SyscallService(NamespaceThread::new, Path.of(arguments[0]));
        var control = new SyscallControl(service::call);
        System.out.println(control.open(List.of("fsync"))
                .map(why -> why.reason() + " | " + why.remedy())
                .orElseGet(() -> control.attaching()
                        ? "attaching"
                        : "watched from the start, " + (service.wrapper("a").isEmpty() ? "not so" : "by the launcher")
                                + ": " + control.notAttaching()));
        service.close();
        Runtime.getRuntime().halt(0);
    }
}
