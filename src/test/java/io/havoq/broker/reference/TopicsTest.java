package io.havoq.broker.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    @ParameterizedTest
    @CsvSource({
        "a/b,a/b,true",
        "a/b,a/c,false",
        "a/+,a/b,true",
        "a/+,a,false",
        "a/+,a/b/c,false",
        "+/+,/finance,true",
        "+,/finance,false",
        "a/#,a,true",
        "a/#,a/b/c,true",
        "#,a/b,true",
        "#,$SYS/x,false",
        "+/x,$SYS/x,false",
        "$SYS/#,$SYS/x,true",
        "a/+/c,a//c,true"
    })
    void aFilterMatchesAsSection47Says(String filter, String name, boolean expected) {
        assertThat(Topics.matches(filter, name)).isEqualTo(expected);

        var tree = new TopicTree();
        var session = new Session("s");
        tree.add(session, subscription(filter));
        assertThat(tree.matches(name).containsKey(session)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a#", "a/#/b", "a+/b", "#/a", "a\0"})
    void filtersThatAreWrongAreRefused(String filter) {
        assertThat(Topics.validFilter(filter)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/+", "#", "a\0b"})
    void namesThatAreWrongAreRefused(String name) {
        assertThat(Topics.validName(name)).isFalse();
    }

    @Test
    void theTreeForgetsWhatIsRemoved() {
        var tree = new TopicTree();
        var one = new Session("one");
        var two = new Session("two");
        tree.add(one, subscription("a/+"));
        tree.add(two, subscription("a/b"));
        assertThat(tree.add(two, subscription("a/b"))).isFalse();

        assertThat(tree.remove(one, "a/+")).isTrue();
        assertThat(tree.remove(one, "a/+")).isFalse();

        assertThat(tree.matches("a/b")).containsOnlyKeys(two);
        assertThat(tree.size()).isEqualTo(1);
    }

    @Test
    void everyMatchingSubscriptionOfASessionIsFound() {
        var tree = new TopicTree();
        var session = new Session("s");
        List.of("a/b", "a/+", "#").forEach(filter -> tree.add(session, subscription(filter)));

        assertThat(tree.matches("a/b").get(session)).hasSize(3);
    }

    private static Subscription subscription(String filter) {
        return new Subscription(filter, 1, false, false, 0, 0);
    }
}
