package io.havoq.fault.local.dns;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;

/** Skeleton. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // a skeleton
public final class NodeFiles {
    public static NodeFiles write(Path directory, String host, String qualifiedName, Inet4Address address)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    public List<String> wrapper() {
        throw new UnsupportedOperationException();
    }
}
