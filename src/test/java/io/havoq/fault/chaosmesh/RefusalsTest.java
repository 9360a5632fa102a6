package io.havoq.fault.chaosmesh;

import static io.havoq.fault.chaosmesh.Setup.ONE;
import static io.havoq.fault.chaosmesh.Setup.POD_0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.havoq.fault.FaultException;
import io.havoq.fault.Injection;
import io.havoq.fault.chaosmesh.ScriptedCluster.Asked;
import io.havoq.fault.chaosmesh.ScriptedCluster.Reply;
import io.havoq.manifest.PodChaos;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the API server and the webhooks say against an object, and what gets lost on the way. */
class RefusalsTest {
    private ScriptedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ScriptedCluster();
        cluster.pod("emqx-go-0", Recorded.pod("emqx-go-0", "u1", 0));
        cluster.statuses(Recorded.injected("default/emqx-go-0"));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Injection inject() {
        return new Setup(cluster).engine.inject("exp-1", PodChaos.podKill("kill", ONE), List.of(POD_0), List.of());
    }

    private long created() {
        return cluster.asked().stream().filter(Asked::creates).count();
    }

    @Test
    void everyObjectIsTriedBeforeItIsMade() {
        inject().remove();

        var posts = cluster.asked().stream()
                .filter(asked -> asked.method().equals("POST"))
                .toList();
        assertThat(posts).hasSize(2).allMatch(asked -> asked.query().contains("fieldValidation=Strict"));
        assertThat(posts.get(0).dryRun()).isTrue();
        assertThat(posts.get(1).dryRun()).isFalse();
        assertThat(posts.get(0).body()).isEqualTo(posts.get(1).body());
    }

    @Test
    void aWebhooksRefusalComesWithTheObjectAndBeforeAnythingHappens() {
        cluster.next(
                Asked::dryRun,
                Reply.status(
                        403,
                        "Forbidden",
                        "admission webhook \"vauth.kb.io\" denied the request: spec.target: Required value"));

        assertThatThrownBy(this::inject)
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("webhook refuses it")
                .hasMessageContaining("spec.target: Required value")
                .hasMessageContaining("action: \"pod-kill\"")
                .hasMessageNotContaining("auth can-i");
        assertThat(created()).isZero();
    }

    @Test
    void aSchemasRefusalComesWithTheObjectAndBeforeAnythingHappens() {
        cluster.next(
                Asked::dryRun,
                Reply.status(400, "BadRequest", "strict decoding error: unknown field \"spec.scheduler\""));

        assertThatThrownBy(this::inject)
                .hasMessageContaining("unknown field \"spec.scheduler\"")
                .hasMessageContaining("The object:");
        assertThat(created()).isZero();
    }

    @Test
    void aMissingRightIsNamedWithTheCommandThatShowsIt() {
        cluster.next(
                Asked::dryRun,
                Reply.status(
                        403,
                        "Forbidden",
                        "podchaos.chaos-mesh.org is forbidden: User \"x\" cannot create resource \"podchaos\""));

        assertThatThrownBy(this::inject)
                .hasMessageContaining("not allowed to create podchaos.chaos-mesh.org in namespace default")
                .hasMessageContaining("kubectl auth can-i create podchaos.chaos-mesh.org -n default");
        assertThat(created()).isZero();
    }

    @Test
    void anExpiredTokenIsSaidToBeOne() {
        var expired = new Reply[20];
        java.util.Arrays.fill(expired, Reply.status(401, "Unauthorized", "Unauthorized"));
        cluster.next(asked -> true, expired);

        assertThatThrownBy(this::inject).hasMessageContaining("expired token").hasMessageContaining("log in again");
        assertThat(created()).isZero();
    }

    @Test
    void aTokenThatExpiresWhileItIsAwaitedLeavesItsObjectNamed() {
        var expired = new Reply[200];
        java.util.Arrays.fill(expired, Reply.status(401, "Unauthorized", "Unauthorized"));
        cluster.next(asked -> asked.path().contains("/podchaos/"), expired);

        assertThatThrownBy(this::inject)
                .hasMessageContaining("expired token")
                .hasMessageContaining("is left in the cluster")
                .hasMessageContaining("kubectl -n default delete podchaos.chaos-mesh.org exp-1-");
        assertThat(cluster.objects()).hasSize(1);
        assertThat(cluster.objects().get(0).at("/metadata/labels/havoq.io~1run").asText())
                .isEqualTo("run-1");
    }

    @Test
    void aMissingKindIsSaidToBeMissing() {
        cluster.next(Asked::dryRun, new Reply(404, "404 page not found", java.util.Map.of()));

        assertThatThrownBy(this::inject).hasMessageContaining("kubectl get crd podchaos.chaos-mesh.org");
    }

    @Test
    void tooManyRequestsAreRepeatedAfterTheTimeThatTheServerAsksFor() {
        cluster.next(
                Asked::dryRun, Reply.status(429, "TooManyRequests", "slow down").with("Retry-After", "1"));
        var from = System.nanoTime();

        inject().remove();

        assertThat(System.nanoTime() - from).isGreaterThan(1_000_000_000L);
        assertThat(created()).isOne();
    }

    @Test
    void aServerThatAsksForMoreTimeThanThereIsIsNotWaitedFor() {
        cluster.next(
                Asked::dryRun, Reply.status(429, "TooManyRequests", "slow down").with("Retry-After", "300"));

        assertThatThrownBy(this::inject).hasMessageContaining("to be asked again after 5m");
        assertThat(cluster.asked()).filteredOn(Asked::dryRun).hasSize(1);
    }

    @Test
    void aControllerThatIsGoneIsToldByItsWebhook() {
        var refused = new Reply[50];
        java.util.Arrays.fill(
                refused,
                Reply.status(
                        500,
                        "InternalError",
                        "Internal error occurred: failed calling webhook \"mpodchaos.kb.io\": dial tcp 10.0.0.9:443:"
                                + " connect: connection refused"));
        cluster.next(Asked::dryRun, refused);

        assertThatThrownBy(this::inject)
                .hasMessageContaining("failed calling webhook")
                .hasMessageContaining("controller is not running")
                .hasMessageContaining("component=controller-manager");
        assertThat(created()).isZero();
    }

    /** As a controller on a machine with too much to do answers: it runs. */
    @Test
    void aWebhookThatIsTooSlowIsNotCalledOneThatDoesNotRun() {
        var refused = new Reply[50];
        java.util.Arrays.fill(
                refused,
                Reply.status(
                        500,
                        "InternalError",
                        "Internal error occurred: failed calling webhook \"mpodchaos.kb.io\": failed to call webhook: Post"
                                + " \"https://chaos-mesh-controller-manager.chaos-mesh.svc:443/mutate?timeout=5s\":"
                                + " context deadline exceeded"));
        cluster.next(Asked::dryRun, refused);

        assertThatThrownBy(this::inject)
                .hasMessageContaining("does not answer its webhooks in time")
                .hasMessageNotContaining("controller is not running")
                .hasMessageContaining("component=controller-manager");
        assertThat(created()).isZero();
    }

    @Test
    void aCreationWhoseAnswerWasLostIsFoundAgainAndNotDoubled() {
        cluster.next(Asked::creates, Reply.doAndDrop());
        cluster.pod(
                "emqx-go-0",
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.pod("emqx-go-0", "u1", 0),
                Recorded.pod("emqx-go-0", "u9", 0));

        var setup = new Setup(cluster);
        var injection = setup.engine.inject("exp-1", PodChaos.podKill("kill", ONE), List.of(POD_0), List.of());

        assertThat(cluster.objects()).hasSize(1);
        assertThat(setup.progress).anyMatch(line -> line.contains("only the answer was lost"));
        injection.remove();
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void aCreationThatDidNotArriveIsRepeatedUnderTheSameName() {
        cluster.next(Asked::creates, Reply.drop());

        var injection = inject();

        assertThat(cluster.objects()).hasSize(1);
        injection.remove();
    }

    @Test
    void aNameThatSomebodyElseHasIsLeftAlone() {
        cluster.next(Asked::creates, Reply.status(409, "AlreadyExists", "already exists"));

        var injection = inject();

        var posts = cluster.asked().stream().filter(Asked::creates).toList();
        assertThat(posts).hasSize(2);
        assertThat(posts.get(0).body()).isNotEqualTo(posts.get(1).body());
        assertThat(cluster.objects()).hasSize(1);
        injection.remove();
    }

    @Test
    void aServerThatNeverAnswersTheCreationLeavesNothingBehind() {
        var lost = new Reply[50];
        java.util.Arrays.fill(lost, Reply.drop());
        lost[0] = Reply.doAndDrop();
        cluster.next(Asked::creates, lost);

        assertThatThrownBy(this::inject).hasMessageContaining("connection to the API server");
        assertThat(cluster.objects()).isEmpty();
    }

    @Test
    void aConnectionThatBreaksWhileItIsAwaitedIsNoEnd() {
        cluster.next(
                asked -> asked.method().equals("GET") && asked.path().contains("/podchaos/"),
                Reply.drop(),
                Reply.status(503, "ServiceUnavailable", "etcd leader changed"),
                Reply.drop());

        inject().remove();

        assertThat(cluster.objects()).isEmpty();
    }
}
