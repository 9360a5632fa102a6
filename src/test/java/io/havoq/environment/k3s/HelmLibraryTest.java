package io.havoq.environment.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.jni.NativeLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Up to where helm-java writes the file; it is not loaded, since Go's runtime would stay in this JVM. */
class HelmLibraryTest {
    @TempDir
    Path directory;

    @Test
    void helmFindsItsLibraryAndIsGivenTheDirectory() throws IOException {
        var before = Thread.currentThread().getContextClassLoader();
        var found = new ArrayList<NativeLibrary>();
        var given = new ArrayList<Path>();

        HelmLibrary.in(directory, () -> {
            var library = NativeLibrary.getInstance(); // as Helm.HelmLibHolder does
            found.add(library);
            given.add(library.createTempDirectory());
        });

        assertThat(given).containsExactly(directory);
        assertThat(HelmLibrary.class.getResource("/" + found.get(0).getBinaryName()))
                .isNotNull();
        assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
    }
}
