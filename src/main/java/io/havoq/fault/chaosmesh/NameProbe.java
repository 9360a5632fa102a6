package io.havoq.fault.chaosmesh;

import io.havoq.fault.chaosmesh.Sight.Blind;
import io.havoq.fault.chaosmesh.Sight.NotLooked;
import io.havoq.fault.chaosmesh.Sight.NotYet;
import io.havoq.fault.chaosmesh.Sight.Seen;
import io.havoq.manifest.DnsChaos;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Sees a DNSChaos in a name that the target looks up, before and under it: by {@code getent}, else by {@code nslookup}. */
final class NameProbe implements EffectProbe {
    private static final Pattern ADDRESS = Pattern.compile("(?<![0-9.])[0-9]{1,3}(?:\\.[0-9]{1,3}){3}(?![0-9.])");
    private static final Pattern SERVER = Pattern.compile("havoq nameserver (\\S+)");
    private static final Pattern OTHER_LINE = Pattern.compile("havoq resolv (.*)");
    private static final Pattern EXIT = Pattern.compile("havoq dns (\\d+)");

    private final DnsChaos chaos;
    private final ClusterApi api;
    private final Shell shell;
    private final String container;
    private String name = "";
    private Set<String> normal = Set.of();
    private List<String> servers = List.of();
    /** Of resolv.conf, without the name servers. */
    private List<String> otherLines = List.of();

    private String blind = "";

    /** What came of a look-up, and who was asked; no addresses where it failed. */
    private record LookUp(boolean answered, Set<String> addresses, List<String> servers, List<String> otherLines) {}

    NameProbe(DnsChaos chaos, ClusterApi api, Shell shell, String container) {
        this.chaos = chaos;
        this.api = api;
        this.shell = shell;
        this.container = container;
    }

    @Override
    public EffectProbe amidOthers(boolean dropping) {
        return new NameProbe(chaos, api, shell, container);
    }

    @Override
    public void before(PodView pod) {
        var names = names(pod);
        for (var candidate : names) {
            var found = lookUp(pod, candidate);
            if (found.filter(LookUp::answered).isPresent()) {
                name = candidate;
                normal = found.get().addresses();
                servers = found.get().servers();
                otherLines = found.get().otherLines();
                return;
            }
        }
        blind = names.isEmpty()
                ? "none of the names that are known here is hit by the patterns " + chaos.patterns()
                : "none of " + names + " can be looked up by getent or nslookup in container " + container + " of "
                        + pod.fullName() + " without the fault";
    }

    /** Names that the patterns hit: those that they spell out, the other pods' and the API server's. A pod's own is in its hosts file. */
    private List<String> names(PodView pod) {
        var names = new ArrayList<String>();
        chaos.patterns().stream()
                .filter(pattern -> !pattern.contains("*") && !pattern.contains("?"))
                .forEach(names::add);
        try {
            api.findPatiently(new Request(
                            "list",
                            "pods",
                            pod.namespace(),
                            "/api/v1/namespaces/" + pod.namespace() + "/pods",
                            Optional.empty(),
                            "list the pods of " + pod.namespace()))
                    .ifPresent(list -> list.path("items").forEach(item -> {
                        var other = PodView.of(item);
                        if (!other.name().equals(pod.name())
                                && !other.subdomain().isEmpty()) {
                            names.add(other.name() + "." + other.subdomain() + "." + other.namespace()
                                    + ".svc.cluster.local");
                        }
                    }));
        } catch (ApiException e) {
            blind = String.valueOf(e.getMessage());
        }
        names.add("kubernetes.default.svc.cluster.local");
        return names.stream().filter(chaos::affects).distinct().limit(4).toList();
    }

    private Optional<LookUp> lookUp(PodView pod, String asked) {
        var quoted = Shell.quoted(asked);
        var output = shell.run(
                pod,
                container,
                "while read -r k v || [ -n \"$k\" ]; do if [ \"$k\" = nameserver ]; then echo \"havoq nameserver $v\";"
                        + " else printf 'havoq resolv %s\\n' \"$k $v\"; fi; done </etc/resolv.conf;"
                        + " if command -v getent >/dev/null 2>&1; then getent ahostsv4 " + quoted + " || getent hosts "
                        + quoted
                        + "; echo \"havoq dns $?\"; elif command -v nslookup >/dev/null 2>&1; then o=$(nslookup "
                        + quoted
                        + " 2>&1); s=$?; echo \"$o\" | sed '1,/^$/d'; echo \"havoq dns $s\"; fi");
        var exit = EXIT.matcher(output.text());
        if (!output.ran() || !exit.find()) {
            return Optional.empty();
        }
        var asks = told(SERVER, output.text());
        var others = told(OTHER_LINE, output.text());
        var addresses = new TreeSet<String>();
        var address = ADDRESS.matcher(
                OTHER_LINE.matcher(SERVER.matcher(output.text()).replaceAll("")).replaceAll(""));
        while (address.find()) {
            addresses.add(address.group());
        }
        return Optional.of(new LookUp(exit.group(1).equals("0") && !addresses.isEmpty(), addresses, asks, others));
    }

    private static List<String> told(Pattern line, String text) {
        return line.matcher(text).results().map(found -> found.group(1).strip()).toList();
    }

    @Override
    public Sight during(Optional<PodView> pod) {
        return looked(pod, this::harmed);
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        return looked(pod, now -> !asksAnother(now) && unharmed(now));
    }

    private Sight looked(Optional<PodView> pod, Predicate<LookUp> wanted) {
        if (name.isEmpty()) {
            return new Blind(blind);
        }
        var now = pod.flatMap(view -> lookUp(view, name));
        if (now.isEmpty()) {
            return new NotLooked("nothing could be looked up");
        }
        var text = told(now.get()) + (asksAnother(now.get()) ? "; " + another(now.get()) : "");
        return wanted.test(now.get()) ? new Seen(text) : new NotYet(text);
    }

    /**
     * Chaos Mesh has the target ask its own name server; by the one from before a name may fail to be answered, or be answered differently, for
     * other reasons: another broker's pod that is not ready has none.
     */
    private boolean harmed(LookUp now) {
        return (servers.isEmpty() || asksAnother(now)) && differs(now);
    }

    private boolean differs(LookUp now) {
        return isError() ? !now.answered() : now.answered() && !known(now);
    }

    /** Not simply the opposite: no answer is no random one, but it is none from before the fault either. */
    private boolean unharmed(LookUp now) {
        return now.answered() && (isError() || known(now));
    }

    /** Whether its resolv.conf names another name server than before, be the answers right or wrong. */
    private boolean asksAnother(LookUp now) {
        return !servers.isEmpty() && !now.servers().equals(servers);
    }

    private String another(LookUp now) {
        return "its resolv.conf names " + now.servers() + ", before " + servers;
    }

    @Override
    public Optional<String> leftover(PodView pod) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        var now = lookUp(pod, name);
        return now.filter(this::asksAnother)
                .map(this::another)
                // Asking the same server as before it meets no fault: then it is the name that has changed.
                .or(() -> servers.isEmpty() ? now.filter(this::harmed).map(this::told) : Optional.empty());
    }

    /**
     * Chaos Mesh gives the file back from a copy in the container, {@code resolv.conf.chaos.bak} ({@code pkg/chaosdaemon/dns_server.go}), which goes
     * with the container when that is restarted, while the file is the pod's and stays. It is written in place, since it is a mount, and only once it was read.
     * Its other lines stay as they are; where an earlier attempt could not write them, it is empty, and they are those from before.
     */
    @Override
    public Optional<String> mend(PodView pod) {
        if (servers.isEmpty()) {
            return Optional.empty();
        }
        var lines = servers.stream()
                .map(server -> Shell.quoted("nameserver " + server))
                .collect(Collectors.joining(" "));
        var output = shell.run(
                pod,
                container,
                "f=/etc/resolv.conf; o=" + Shell.quoted(String.join("\n", otherLines))
                        + "; k=$(while read -r l || [ -n \"$l\" ]; do case \"$l\" in nameserver*) ;; *) printf '%s\\n' \"$l\";; esac;"
                        + " done <$f) && k=${k:-$o} && printf '%s\\n' " + lines
                        + " ${k:+\"$k\"} >$f && echo havoq mended");
        return output.ran() && output.text().contains("havoq mended")
                ? Optional.of("Chaos Mesh could not give its resolv.conf back, as the container with the copy had been"
                        + " restarted: Havoq wrote the name servers from before into it, " + servers)
                : Optional.empty();
    }

    private String told(LookUp now) {
        return name + " is " + (now.answered() ? now.addresses() : "not answered") + ", before " + normal;
    }

    /** Addresses of pods change when they are replaced: for an error only the answer counts. */
    private boolean isError() {
        return chaos.dnsAction() == DnsChaos.Action.ERROR;
    }

    private boolean known(LookUp now) {
        return now.addresses().stream().anyMatch(normal::contains);
    }
}
