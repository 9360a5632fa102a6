package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeerAddressesTest {
    private final Map<String, String> dns =
            new HashMap<>(Map.of("n1.headless", "10.0.0.91", "n2.headless", "10.0.0.92"));
    private final PeerAddresses addresses = new PeerAddresses(
            Map.of("n1", new HostPort("n1.headless", 8081), "n2", new HostPort("n2.headless", 8081)),
            Map.copyOf(dns),
            this::resolve);

    private InetAddress resolve(String name) throws UnknownHostException {
        var address = dns.get(name);
        if (address == null) {
            throw new UnknownHostException(name);
        }
        return InetAddress.getByAddress(name, InetAddress.getByName(address).getAddress());
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(address, 8081);
    }

    @Test
    void aNameIsAskedForAgainUntilThePeerThereHasSaidIt() {
        dns.putAll(Map.of("n1.headless", "10.0.0.1", "n2.headless", "10.0.0.2"));
        addresses.confirm("n1", at("10.0.0.91"));

        addresses.askAgain();

        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.91"));
        assertThat(addresses.of("n2")).isEqualTo(at("10.0.0.2"));
        assertThat(addresses.unconfirmed()).containsExactly("n2");
    }

    @Test
    void connectingNeedsNoDnsOnceThereIsAnAddress() {
        dns.put("n1.headless", "10.0.0.1");

        addresses.askAgain();

        assertThat(addresses.of("n1").getHostString()).isEqualTo("10.0.0.1");
    }

    @Test
    void anAnswerFromWhereThePeerIsNoLongerThoughtToBeConfirmsNothing() {
        dns.put("n1.headless", "10.0.0.1");
        addresses.askAgain();

        addresses.confirm("n1", at("10.0.0.91"));

        assertThat(addresses.confirmed("n1")).isFalse();
    }

    @Test
    void aDnsThatFailsChangesNothing() {
        dns.clear();

        addresses.askAgain();

        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.91"));
        assertThat(addresses.unconfirmed()).containsExactly("n1", "n2");
    }

    @Test
    void aPeerThatAnswersStaysWhereItIsWhateverTheDnsSays() {
        addresses.confirm("n1", at("10.0.0.91"));
        dns.put("n1.headless", "10.0.0.1");

        addresses.askAgain();

        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.91"));
        assertThat(addresses.confirmed("n1")).isTrue();
    }

    @Test
    void aSilentPeerIsFoundWhereTheDnsNowSaysAsAReplacedPodIs() {
        addresses.confirm("n1", at("10.0.0.91"));
        dns.put("n1.headless", "10.0.0.1");
        addresses.silent("n1");

        addresses.askAgain();

        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.1"));
        assertThat(addresses.confirmed("n1"))
                .as("before it has said its name there")
                .isFalse();
        assertThat(addresses.unconfirmed()).as("it did say its name once").doesNotContain("n1");

        addresses.confirm("n1", at("10.0.0.1"));
        dns.put("n1.headless", "10.0.0.66");
        addresses.askAgain();

        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.1"));
        assertThat(addresses.confirmed("n1")).isTrue();
    }

    @Test
    void aDnsThatLiesAboutASilentPeerCostsEverySecondRound() {
        addresses.confirm("n1", at("10.0.0.91"));
        dns.put("n1.headless", "10.0.0.66");
        addresses.silent("n1");

        addresses.askAgain();
        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.66"));

        addresses.askAgain();
        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.91"));

        addresses.confirm("n1", at("10.0.0.91"));
        addresses.askAgain();
        assertThat(addresses.of("n1")).isEqualTo(at("10.0.0.91"));
        assertThat(addresses.confirmed("n1")).isTrue();
    }

    @Test
    void aSilentPeerThatTheDnsSaysIsWhereItWasStaysConfirmed() {
        addresses.confirm("n1", at("10.0.0.91"));
        addresses.silent("n1");

        addresses.askAgain();

        assertThat(addresses.confirmed("n1")).isTrue();
    }

    @Test
    void nothingOfTheLogGoesToAnAddressThatNobodyHasConfirmed() {
        var reach = new Reach(addresses, new Contacts(addresses.peers(), System.nanoTime()));

        assertThatThrownBy(() -> reach.require("n1"))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("10.0.0.91")
                .hasMessageContaining("n1");
    }
}
