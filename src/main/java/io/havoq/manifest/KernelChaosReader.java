package io.havoq.manifest;

import io.havoq.manifest.KernelChaos.Failure;
import io.havoq.manifest.KernelChaos.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the spec of a KernelChaos (Chaos Mesh {@code api/v1alpha1/kernelchaos_types.go}). */
final class KernelChaosReader {
    private static final Pattern FUNCTION = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");
    private static final TextRule FUNCTION_NAME = text -> FUNCTION.matcher(text).matches()
            ? Optional.empty()
            : Optional.of("is no function of the kernel: expected e.g. __x64_sys_fsync");

    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9_./-]+\\.h");
    private static final TextRule HEADER_NAME = text -> HEADER.matcher(text).matches()
            ? Optional.empty()
            : Optional.of("is no header of the kernel: expected e.g. linux/blkdev.h");

    private static final TextRule ANY =
            text -> text.isBlank() ? Optional.of("is empty: expected text, or no such field") : Optional.empty();

    private static final Map<String, String> UNWANTED = Map.of(
            "remoteCluster", "is not supported: Havoq injects into one cluster",
            "action", "is no field of a KernelChaos: remove it, 'failtype' says what fails",
            "containerNames", "is dropped by Chaos Mesh, a KernelChaos hits the pod as a whole: remove it",
            "failtype", "belongs within 'failKernRequest': move it there",
            "callchain", "belongs within 'failKernRequest': move it there",
            "probability", "belongs within 'failKernRequest': move it there",
            "times", "belongs within 'failKernRequest': move it there");

    private KernelChaosReader() {}

    static Optional<ChaosSpec> read(Fields spec, String name, String namespace) {
        var selection = SelectionReader.read(spec, namespace);
        spec.require("failKernRequest", "what fails, with 'failtype'");
        var duration = spec.duration("duration");
        var request = spec.mapping("failKernRequest");
        spec.refuseOthers(UNWANTED);
        return request.flatMap(fields -> {
            fields.require("failtype", "0 (slab), 1 (page) or 2 (bio)");
            var failure = fields.number("failtype", 0, 2).flatMap(KernelChaosReader::failure);
            var headers = fields.texts("headers", HEADER_NAME);
            var frames = new ArrayList<Frame>();
            fields.mappings("callchain").forEach(frame -> frame(frame).ifPresent(frames::add));
            // 0 is allowed by the schema and says nothing: what Chaos Mesh does with it is nowhere written
            var probability = fields.number("probability", 1, 100).map(Long::intValue);
            var times = fields.number("times", 1, Integer.MAX_VALUE).map(Long::intValue);
            fields.refuseOthers(Map.of("failType", "is called 'failtype' by Chaos Mesh: rename it"));
            return spec.hasProblems()
                    ? Optional.empty()
                    : failure.flatMap(what -> selection.map(pods -> new KernelChaos(
                            name, what, pods, headers, List.copyOf(frames), probability.orElse(100), times, duration)));
        });
    }

    private static Optional<Failure> failure(long number) {
        return Arrays.stream(Failure.values())
                .filter(failure -> failure.number() == number)
                .findFirst();
    }

    private static Optional<Frame> frame(Fields frame) {
        frame.require("funcname", "a function of the kernel, e.g. __x64_sys_fsync");
        var function = frame.text("funcname", FUNCTION_NAME);
        var parameters = frame.text("parameters", ANY);
        var predicate = frame.text("predicate", ANY);
        frame.refuseOthers(Map.of("name", "is called 'funcname' by Chaos Mesh: rename it"));
        return function.map(given -> new Frame(given, parameters, predicate));
    }
}
