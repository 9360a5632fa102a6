package io.havoq.environment.k3s;

import io.havoq.settings.Setting;
import java.time.Duration;
import java.util.List;

/** Settings of the k3s environment. Whatever the Kubernetes environment knows applies beside them. */
public final class K3sSettings {
    /** K3s, and with it the version of Kubernetes. */
    public static final Setting<String> IMAGE = Setting.text(
            "havoq.k3s.image", "rancher/k3s:v1.34.1-k3s1", "Image of K3s, taken from the Docker daemon, else pulled");

    /** K3s where nothing can be pulled. */
    public static final Setting<String> IMAGE_TAR = Setting.text(
            "havoq.k3s.image-tar",
            "",
            "File made by docker save, loaded into the Docker daemon if it does not have havoq.k3s.image");

    /** What the cluster would have to pull otherwise. */
    public static final Setting<List<String>> IMAGES = Setting.words(
            "havoq.k3s.images",
            "",
            "Images to load into the cluster: files made by docker save, or names of images that the Docker daemon has. Images"
                    + " of the broker's files that the daemon has are loaded without being named");

    /** What is under test. */
    public static final Setting<List<String>> BROKER = Setting.words(
            "havoq.k3s.broker", "", "Files of the objects that make up the broker; default: the reference broker's");

    /** Chaos Mesh's version. */
    public static final Setting<String> CHAOS_MESH_VERSION = Setting.text(
            "havoq.k3s.chaos-mesh.version", "2.8.3", "Version of Chaos Mesh: of its chart's address and of its images");

    /** Where its chart is. */
    public static final Setting<String> CHAOS_MESH_CHART = Setting.text(
            "havoq.k3s.chaos-mesh.chart",
            "https://charts.chaos-mesh.org/chaos-mesh-{version}.tgz",
            "Chart of Chaos Mesh: an address, a .tgz file or a directory");

    /** Its values. */
    public static final Setting<String> CHAOS_MESH_VALUES = Setting.text(
            "havoq.k3s.chaos-mesh.values",
            "",
            "Values file for the chart; default: deploy/chaos-mesh/values-k3s.yaml as the library carries it");

    /** Time to be up. */
    public static final Setting<Duration> START_TIMEOUT = Setting.duration(
            "havoq.k3s.start-timeout",
            "10m",
            "How long each of K3s, Chaos Mesh and the broker may take until it is ready, downloads included");

    /** Whether it stays. */
    public static final Setting<Boolean> REUSE = Setting.flag(
            "havoq.k3s.reuse",
            false,
            "Keep the cluster for the next run with the same settings; needs testcontainers.reuse.enable=true in"
                    + " ~/.testcontainers.properties. false: everything is removed at the end");

    private K3sSettings() {}

    /** All of them. */
    public static List<Setting<?>> all() {
        return List.of(
                IMAGE,
                IMAGE_TAR,
                IMAGES,
                BROKER,
                CHAOS_MESH_VERSION,
                CHAOS_MESH_CHART,
                CHAOS_MESH_VALUES,
                START_TIMEOUT,
                REUSE);
    }
}
