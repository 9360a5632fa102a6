package io.havoq.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicFilterTest {
    /** The examples of MQTT 5.0, 4.7.1 and 4.7.2, among others. */
    @ParameterizedTest
    @CsvSource({
        "sport/tennis/player1/#,sport/tennis/player1,true",
        "sport/tennis/player1/#,sport/tennis/player1/ranking,true",
        "sport/tennis/player1/#,sport/tennis/player1/score/wimbledon,true",
        "sport/tennis/player1/#,sport/tennis/player10,false",
        "sport/#,sport,true",
        "#,sport,true",
        "#,/,true",
        "sport/tennis/+,sport/tennis/player1,true",
        "sport/tennis/+,sport/tennis/player1/ranking,false",
        "sport/+,sport,false",
        "sport/+,sport/,true",
        "+/+,/finance,true",
        "/+,/finance,true",
        "+,/finance,false",
        "+/tennis/#,sport/tennis,true",
        "#,$SYS/x,false",
        "+/monitor/Clients,$SYS/monitor/Clients,false",
        "$SYS/#,$SYS/x,true",
        "a/b,a/b,true",
        "a/b,a/B,false",
        "a/b,a/b/c,false",
        "a/b/c,a/b,false",
        "a/+/c,a/b/c,true",
        "a/+/c,a/b,false"
    })
    void matchesAsMqttSays(String filter, String topic, boolean expected) {
        assertThat(new TopicFilter(filter).matches(topic)).isEqualTo(expected);
    }
}
