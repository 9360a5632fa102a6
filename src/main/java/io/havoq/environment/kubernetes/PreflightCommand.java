package io.havoq.environment.kubernetes;

import io.havoq.environment.EnvironmentException;
import io.havoq.settings.Settings;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Prints what is there for experiments on a cluster and what is missing, and changes nothing: exit code 0 when nothing is missing,
 * 1 when something is, 2 when it could not look.
 */
public final class PreflightCommand {
    private static final String USAGE = """
            Usage: PreflightCommand [--SETTING=VALUE ...]
            SETTING is any setting havoq.SETTING of the environment, for example --context=NAME --namespace=mqtt
            --selector=app=emqx-go; also -Dhavoq.context=NAME.
            Exit code: 0 nothing is missing, 1 something is, 2 it could not look.""";

    private PreflightCommand() {}

    /** Looks and prints; see the class comment for the exit code. */
    public static void main(String[] args) {
        System.exit(run(List.of(args), new PrintStream(System.out, true, StandardCharsets.UTF_8)));
    }

    static int run(List<String> args, PrintStream out) {
        Settings settings;
        try {
            settings = settings(args);
            return look(ClusterAccess.of(settings), settings, out);
        } catch (IllegalArgumentException e) {
            out.println(e.getMessage());
            out.println(USAGE);
        } catch (EnvironmentException e) {
            out.println(e.getMessage());
        }
        return 2;
    }

    static int look(ClusterAccess access, Settings settings, PrintStream out) {
        var rules = NamespaceRules.of(settings);
        var way = KubernetesEnvironment.way(settings);
        var tls = Tls.of(settings);
        try (var client = access.connect()) {
            var pods = new BrokerPods(client, rules.namespace(), settings, way != KubernetesSettings.Access.POD);
            try (var addresses = RunningBrokers.addresses(client, settings, way, tls, pods)) {
                var roles = new BrokerRoles(pods, new PodPages(client, way == KubernetesSettings.Access.POD), settings);
                var survey = new Survey(client, rules, pods, addresses, roles);
                var report = new Preflight(survey, access, settings, rules, addresses).look();
                report.table().forEach(out::println);
                out.println(report.complete() ? "nothing is missing" : "something is missing");
                return report.complete() ? 0 : 1;
            }
        }
    }

    private static Settings settings(List<String> args) {
        var settings = Settings.fromSystemProperties();
        for (var arg : args) {
            var equals = arg.indexOf('=');
            if (!arg.startsWith("--") || equals < 0) {
                throw new IllegalArgumentException("'" + arg + "' is not an option: expected --NAME=VALUE");
            }
            var key = "havoq." + arg.substring(2, equals);
            var setting = KubernetesSettings.preflight().stream()
                    .filter(candidate -> candidate.key().equals(key))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("setting " + key + " is unknown here"));
            settings = settings.with(setting, arg.substring(equals + 1));
        }
        return settings;
    }
}
