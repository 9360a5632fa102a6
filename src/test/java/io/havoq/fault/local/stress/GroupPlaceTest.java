package io.havoq.fault.local.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.fault.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where groups may be made, on trees of files that look like those of the kernel. */
class GroupPlaceTest {
    @TempDir
    Path directory;

    private Path self;
    private Path root;

    @BeforeEach
    void make() throws IOException {
        self = Files.createDirectory(directory.resolve("self"));
        root = Files.createDirectory(directory.resolve("cgroup"));
    }

    private void says(String mountinfo, String cgroup) throws IOException {
        Files.writeString(self.resolve("mountinfo"), mountinfo);
        Files.writeString(self.resolve("cgroup"), cgroup);
    }

    private Path group(String path, String controllers, String handed, String processes) throws IOException {
        var group = Files.createDirectories(root.resolve(path));
        Files.writeString(group.resolve("cgroup.controllers"), controllers);
        Files.writeString(group.resolve("cgroup.subtree_control"), handed);
        Files.writeString(group.resolve("cgroup.procs"), processes);
        if (!path.isEmpty()) {
            Files.writeString(group.resolve("cgroup.type"), "domain");
        }
        return group;
    }

    private String versionTwo() {
        return "30 25 0:26 / " + root + " rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
    }

    @Test
    void inVersionTwoItIsTheNearestGroupThatHandsOnTheControllersAndHasNoProcesses() throws IOException {
        group("", "cpu memory pids", "cpu memory", "1\n");
        group("user", "cpu memory pids", "cpu memory pids", "");
        group("user/run.scope", "cpu memory pids", "", "4711\n");
        says(versionTwo(), "0::/user/run.scope\n");

        assertThat(GroupPlace.find("x", self)).isEqualTo(new GroupPlace.VersionTwo(root.resolve("user/havoq-x")));
    }

    @Test
    void withoutOneItSaysWhyAndHowToGetOne() throws IOException {
        group("", "cpu memory", "", "");
        Files.delete(root.resolve("cgroup.subtree_control"));
        group("run.scope", "cpu memory", "", "4711\n");
        says(versionTwo(), "0::/run.scope\n");

        assertThat(GroupPlace.find("x", self)).isInstanceOfSatisfying(GroupPlace.Nowhere.class, nowhere -> {
            assertThat(nowhere.reason()).contains("no control group above this process");
            assertThat(nowhere.remedy()).contains("Delegate=yes");
        });
    }

    @Test
    void inVersionOneItIsBelowTheOwnGroupOfEachHierarchy() throws IOException {
        Files.createDirectories(root.resolve("cpu,cpuacct/mine"));
        Files.createDirectories(root.resolve("memory"));
        says(
                "31 25 0:27 / " + root + "/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                        // a container sees its own group as the root
                        + "32 25 0:28 /docker/abc " + root + "/memory rw - cgroup cgroup rw,memory\n",
                "4:memory:/docker/abc\n3:cpu,cpuacct:/mine\n");

        assertThat(GroupPlace.find("x", self).directories())
                .containsExactly(root.resolve("cpu,cpuacct/mine/havoq-x"), root.resolve("memory/havoq-x"));
    }

    @Test
    void whereNoControllersAreMountedItSaysSo() throws IOException {
        says("31 25 0:27 / /sys rw - sysfs sysfs rw\n", "0::/\n");

        assertThat(GroupPlace.find("x", self))
                .isInstanceOfSatisfying(
                        GroupPlace.Nowhere.class,
                        nowhere -> assertThat(nowhere.reason()).contains("are mounted"));
    }

    private GroupPlace.Nowhere nowhere() {
        return (GroupPlace.Nowhere) GroupPlace.find("x", self);
    }

    @Test
    void groupsThatAreMountedReadOnlyAreNotBlamedOnTheUser() throws IOException {
        group("", "cpu memory", "", "1\n");
        Files.delete(root.resolve("cgroup.subtree_control"));
        says("30 25 0:26 / " + root + " ro,nosuid - cgroup2 cgroup2 rw\n", "0::/\n");

        assertThat(nowhere().reason()).contains(root + " are mounted read-only");
        assertThat(nowhere().remedy()).contains("remount,bind,rw " + root, "--privileged");
    }

    @Test
    void groupsThatAreHiddenAreNotBlamedOnTheUser() throws IOException {
        says(
                "31 25 0:27 / " + root + "/all rw - cgroup cgroup rw,cpu,cpuacct,memory\n",
                "3:cpu,cpuacct,memory:/mine\n");

        assertThat(nowhere().reason()).contains(root + "/all/mine is not to be seen");
        assertThat(nowhere().remedy()).contains("umount what hides it");
    }

    @Test
    void versionTwoIsReadAndWrittenAsTheKernelHasIt() throws IOException {
        var group = Files.createDirectories(root.resolve("havoq-x/a"));
        Files.writeString(group.resolve("cpu.stat"), "usage_usec 7\nnr_periods 5\nnr_throttled 3\nthrottled_usec 2\n");
        Files.writeString(group.resolve("memory.current"), "4096\n");
        Files.writeString(group.resolve("memory.peak"), "8192\n");
        Files.writeString(group.resolve("memory.stat"), "anon 1\nshmem 1024\nshmem_thp 9\n");
        Files.writeString(group.resolve("memory.events"), "max 9\noom 4\noom_kill 2\noom_group_kill 8\n");
        Files.writeString(group.resolve("memory.max"), "max");
        Files.writeString(group.resolve("memory.swap.max"), "max");
        Files.writeString(group.resolve("cgroup.procs"), "12\n13\n");
        var groups = NodeGroups.existing(new GroupPlace.VersionTwo(root.resolve("havoq-x")), List.of("a"));

        assertThat(groups.usage("a")).isEqualTo(new GroupUsage(7_000, 5, 3, 2_000, 4096, 8192, 1024, 2));
        assertThat(groups.members("a")).containsExactly(12L, 13L);
        groups.limitMemory("a", 5_000);
        assertThat(group.resolve("memory.max")).hasContent("5000");
        assertThat(group.resolve("memory.swap.max")).hasContent("0");
        groups.unlimitMemory("a");
        assertThat(group.resolve("memory.max")).hasContent("max");
    }

    @Test
    void whatAMachineDoesNotHaveIsNotTaken() {
        assertThatThrownBy(() -> Memory.refuseIfShort("x", 800L << 20, 1_000L << 20))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("could take 800 MiB, and this machine has 1000 MiB available");
        Memory.refuseIfShort("x", 700L << 20, 1_000L << 20);
    }
}
