package io.havoq.environment.k3s;

import com.marcnuri.helm.jni.NativeLibrary;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Helm's library, in a directory of Havoq's. By itself helm-java writes it, 94 MB, into a new directory among the machine's temporary files
 * and deletes it as the JVM ends ({@code NativeLibrary.createTempDirectory}): it would stay there when the JVM is killed.
 */
public final class HelmLibrary implements NativeLibrary {
    private static final String SERVICE = "META-INF/services/" + NativeLibrary.class.getName();

    private final NativeLibrary real;

    /** For the service loader that helm-java asks with the thread's class loader. */
    public HelmLibrary() {
        real = real().orElseThrow(() -> new IllegalStateException("helm-java's library is not on the class path"));
    }

    private static Optional<NativeLibrary> real() {
        return ServiceLoader.load(NativeLibrary.class, HelmLibrary.class.getClassLoader())
                .findFirst();
    }

    @Override
    public String getBinaryName() {
        return real.getBinaryName();
    }

    @Override
    public Path createTempDirectory() {
        if (Thread.currentThread().getContextClassLoader() instanceof First first) {
            return first.directory;
        }
        return real.createTempDirectory();
    }

    /**
     * Calls Helm, which loads its library at the first call in this JVM: from this directory then, which may be deleted afterwards. One that is not on
     * the class path helm-java looks for elsewhere by itself.
     */
    static void in(Path directory, Runnable call) throws IOException {
        if (real().isEmpty()) {
            call.run();
            return;
        }
        var thread = Thread.currentThread();
        var before = thread.getContextClassLoader();
        try (var first = new First(directory)) {
            thread.setContextClassLoader(first);
            call.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Names this class as the one and only library. */
    private static final class First extends URLClassLoader {
        private final Path directory;

        private First(Path directory) throws IOException {
            super(new URL[] {directory.toUri().toURL()}, HelmLibrary.class.getClassLoader());
            this.directory = directory;
            var service = directory.resolve(SERVICE);
            Files.createDirectories(service.getParent());
            Files.writeString(service, HelmLibrary.class.getName());
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            return name.equals(SERVICE) ? findResources(name) : super.getResources(name);
        }
    }
}
