package io.havoq.fault.local.network;

/** How a namespace's packets come to the switch. */
public enum PortKind {
    /** TUN where it can be opened, else a veth pair. */
    AUTO,
    /** A TUN device. */
    TUN,
    /** A veth pair and a packet socket. */
    VETH
}
