package io.havoq.fault.local.network;

/** The switch on veth pairs and packet sockets, the fallback. */
class VethPacketSwitchTest extends PacketSwitchContract {
    @Override
    Ports.Kind kind() {
        return Ports.Kind.VETH;
    }
}
