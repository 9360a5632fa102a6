package io.havoq.ledger;

/** What the publisher knows of a message that it sent. */
public enum Outcome {
    /** The broker took responsibility: PUBACK, or PUBREC and then PUBCOMP, with a success code. QoS 0: written to the socket. */
    ACKNOWLEDGED,
    /** The broker said no: a reason code of 0x80 or above (MQTT 5 only). */
    REFUSED,
    /** Neither: the connection or the session ended first. The message may arrive or not. */
    UNKNOWN
}
