package io.havoq.fault.local.syscall;

import io.havoq.manifest.ChaosSpec;
import io.havoq.manifest.IoChaos;
import io.havoq.manifest.KernelChaos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a manifest means for system calls. A node has one volume, its data directory: whatever volumePath a manifest names is taken to be
 * where that is mounted.
 */
public final class CallRules {
    private static final int EIO = 5;
    private static final int ENOMEM = 12;

    /** How the kernel's functions for a system call are called, arch/x86/include/asm/syscall_wrapper.h. */
    private static final Pattern ENTRY = Pattern.compile("(?:__(?:x64|arm64|se|do)_)?sys_([a-z0-9_]+)");

    /** Where the kernel decides on a failure, mm/failslab.c, mm/fail_page_alloc.c, block/blk-core.c: the end of every callchain. */
    private static final Set<String> DECIDES = Set.of("should_failslab", "should_fail_alloc_page", "should_fail_bio");

    private CallRules() {}

    /** Why a fault cannot be carried out by system calls, and what to do; empty if it can, or is of another kind. */
    public static Optional<SyscallSupport.Unavailable> problem(ChaosSpec spec) {
        if (spec instanceof IoChaos io) {
            return problem(io);
        }
        return spec instanceof KernelChaos kernel ? problem(kernel) : Optional.empty();
    }

    private static Optional<SyscallSupport.Unavailable> problem(IoChaos io) {
        if (io.effect() instanceof IoChaos.Effect.AttrOverride || io.effect() instanceof IoChaos.Effect.Mistake) {
            return unavailable(
                    "IOChaos " + io.action()
                            + " changes what a call returns, and the local engine, which works on system"
                            + " calls, can only delay or fail them",
                    "use action latency or fault, or run it with havoq.environment=kubernetes");
        }
        var unknown = new TreeSet<>(io.methods());
        unknown.removeAll(SystemCall.allMethods());
        return unknown.isEmpty()
                ? Optional.empty()
                : unavailable(
                        "the local engine cannot tell the methods " + unknown + " from system calls",
                        "choose from " + SystemCall.allMethods() + ", or run it with havoq.environment=kubernetes");
    }

    private static Optional<SyscallSupport.Unavailable> problem(KernelChaos kernel) {
        for (var frame : kernel.callchain()) {
            if (frame.parameters().isPresent() || frame.predicate().isPresent()) {
                return unavailable(
                        "callchain parameters and predicates need a program in the kernel, which the local engine has not",
                        "leave them out");
            }
            if (call(frame).isEmpty() && !DECIDES.contains(frame.function())) {
                return unavailable(
                        "the local engine cannot follow the callchain function " + frame.function(),
                        "name the system call alone, e.g. __x64_sys_fsync, or leave the callchain out");
            }
        }
        return kernel.callchain().isEmpty() || !calls(kernel).isEmpty()
                ? Optional.empty()
                : unavailable(
                        "the callchain names no system call",
                        "name one, e.g. __x64_sys_fsync, or leave the callchain out");
    }

    private static Optional<SyscallSupport.Unavailable> unavailable(String reason, String remedy) {
        return Optional.of(new SyscallSupport.Unavailable(reason, remedy));
    }

    /** The names of the system calls that must be watched for a fault; none if it needs none, or cannot be carried out. */
    public static Set<String> watched(ChaosSpec spec) {
        if (problem(spec).isPresent()) {
            return Set.of();
        }
        Set<SystemCall> calls = spec instanceof IoChaos io
                ? calls(io)
                : spec instanceof KernelChaos kernel ? calls(kernel) : Set.<SystemCall>of();
        return calls.stream().map(SystemCall::text).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<SystemCall> calls(IoChaos io) {
        return SystemCall.of(io.methods().isEmpty() ? SystemCall.allMethods() : Set.copyOf(io.methods()));
    }

    /** Without a callchain, the calls in which such a failure mostly shows. */
    private static Set<SystemCall> calls(KernelChaos kernel) {
        if (kernel.callchain().isEmpty()) {
            return switch (kernel.failure()) {
                case SLAB -> SystemCall.of(Set.of("open", "create", "mkdir"));
                case PAGE -> SystemCall.of(Set.of("write"));
                case BIO -> SystemCall.of(Set.of("fsync"));
            };
        }
        var calls = new LinkedHashSet<SystemCall>();
        kernel.callchain().forEach(frame -> call(frame).ifPresent(calls::add));
        return calls;
    }

    private static Optional<SystemCall> call(KernelChaos.Frame frame) {
        var entry = ENTRY.matcher(frame.function());
        return entry.matches() ? SystemCall.of(entry.group(1)).filter(SystemCall::exists) : Optional.empty();
    }

    /** The rule for one node. */
    static CallRule rule(ChaosSpec spec, Path volume) {
        if (spec instanceof IoChaos io) {
            var delay = io.effect() instanceof IoChaos.Effect.Latency latency ? latency.delay() : Duration.ZERO;
            int errno = io.effect() instanceof IoChaos.Effect.Fault fault ? fault.errno() : 0;
            return new CallRule(
                    calls(io),
                    Set.copyOf(io.methods()),
                    Optional.of(volume.toString()),
                    io.volumePath(),
                    io.path(),
                    io.percent(),
                    delay,
                    errno,
                    Optional.empty());
        }
        var kernel = (KernelChaos) spec;
        return new CallRule(
                calls(kernel),
                Set.of(),
                Optional.empty(),
                "",
                Optional.empty(),
                kernel.probability(),
                Duration.ZERO,
                kernel.failure() == KernelChaos.Failure.BIO ? EIO : ENOMEM,
                kernel.times());
    }
}
