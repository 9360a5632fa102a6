package io.havoq.environment.k3s;

import io.havoq.environment.EnvironmentException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/** The libraries that only this environment needs: optional dependencies, so a missing one is named with its coordinates. */
final class OptionalLibraries {
    /** A class of each, by Maven coordinates without the version. */
    private static final Map<String, String> LIBRARIES = new LinkedHashMap<>();

    static {
        LIBRARIES.put("org.testcontainers:testcontainers-k3s", "org.testcontainers.k3s.K3sContainer");
        LIBRARIES.put("com.marcnuri.helm-java:helm-java", "com.marcnuri.helm.Helm");
    }

    private OptionalLibraries() {}

    /**
     * Returns if all of them are there.
     *
     * @throws EnvironmentException naming all that are missing
     */
    static void require(ClassLoader loader) {
        var missing = new ArrayList<String>();
        LIBRARIES.forEach((coordinates, className) -> {
            try {
                Class.forName(className, false, loader);
            } catch (ClassNotFoundException e) {
                missing.add(coordinates);
            }
        });
        if (!missing.isEmpty()) {
            throw new EnvironmentException("havoq.environment=k3s needs " + String.join(" and ", missing)
                    + ", which the class path does not have: add them as test dependencies, in the versions that havoq's pom.xml"
                    + " names as optional, or choose another environment with havoq.environment");
        }
    }
}
