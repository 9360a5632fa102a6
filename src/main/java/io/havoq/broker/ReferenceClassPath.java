package io.havoq.broker;

import io.havoq.environment.EnvironmentException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The class path of a reference node: what it needs and no more, found where this process has it. The libraries are
 * optional dependencies, so a missing one is named with its Maven coordinates.
 */
final class ReferenceClassPath {
    /** A class of each library, by Maven coordinates without the version. */
    private static final Map<String, String> LIBRARIES = new LinkedHashMap<>();

    static {
        LIBRARIES.put("org.apache.ratis:ratis-server", "org.apache.ratis.server.impl.ServerImplUtils");
        LIBRARIES.put("org.apache.ratis:ratis-server-api", "org.apache.ratis.server.RaftServer");
        LIBRARIES.put("org.apache.ratis:ratis-common", "org.apache.ratis.conf.RaftProperties");
        LIBRARIES.put("org.apache.ratis:ratis-client", "org.apache.ratis.client.RaftClient");
        LIBRARIES.put("org.apache.ratis:ratis-proto", "org.apache.ratis.proto.RaftProtos");
        LIBRARIES.put("org.apache.ratis:ratis-netty", "org.apache.ratis.netty.NettyFactory");
        LIBRARIES.put("org.apache.ratis:ratis-metrics-api", "org.apache.ratis.metrics.MetricRegistries");
        LIBRARIES.put("org.apache.ratis:ratis-metrics-default", "org.apache.ratis.metrics.impl.MetricRegistriesImpl");
        LIBRARIES.put(
                "org.apache.ratis:ratis-thirdparty-misc", "org.apache.ratis.thirdparty.com.google.protobuf.ByteString");
        LIBRARIES.put("io.netty:netty-codec-mqtt", "io.netty.handler.codec.mqtt.MqttDecoder");
        LIBRARIES.put("io.netty:netty-codec", "io.netty.handler.codec.ReplayingDecoder");
        LIBRARIES.put("io.netty:netty-handler", "io.netty.handler.timeout.IdleStateHandler");
        LIBRARIES.put("io.netty:netty-transport", "io.netty.channel.Channel");
        LIBRARIES.put("io.netty:netty-transport-native-unix-common", "io.netty.channel.unix.UnixChannel");
        LIBRARIES.put("io.netty:netty-resolver", "io.netty.resolver.AddressResolver");
        LIBRARIES.put("io.netty:netty-buffer", "io.netty.buffer.ByteBuf");
        LIBRARIES.put("io.netty:netty-common", "io.netty.util.ReferenceCountUtil");
        LIBRARIES.put("org.slf4j:slf4j-api", "org.slf4j.LoggerFactory");
        LIBRARIES.put("org.slf4j:slf4j-simple", "org.slf4j.simple.SimpleLogger");
        LIBRARIES.put("org.jspecify:jspecify", "org.jspecify.annotations.Nullable");
    }

    private ReferenceClassPath() {}

    /**
     * Every place, havoq's own first.
     *
     * @throws EnvironmentException naming all that is missing
     */
    static List<Path> find() {
        var places = new LinkedHashSet<Path>();
        places.add(location(ReferenceClassPath.class));
        var missing = new ArrayList<String>();
        LIBRARIES.forEach((coordinates, className) -> {
            try {
                places.add(location(Class.forName(className, false, ReferenceClassPath.class.getClassLoader())));
            } catch (ClassNotFoundException e) {
                missing.add(coordinates);
            }
        });
        if (!missing.isEmpty()) {
            throw new EnvironmentException("the reference broker needs " + String.join(", ", missing)
                    + ", which the class path does not have: add them as test dependencies, in the versions that havoq's pom.xml"
                    + " names as optional, or choose another broker with havoq.broker");
        }
        return List.copyOf(places);
    }

    private static Path location(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            throw new EnvironmentException("cannot tell where class " + type.getName()
                    + " comes from: the reference broker needs it in a directory or a jar file");
        }
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new EnvironmentException(
                    "class " + type.getName() + " comes from " + source.getLocation()
                            + ": the reference broker needs it in a directory or a jar file",
                    e);
        }
    }
}
