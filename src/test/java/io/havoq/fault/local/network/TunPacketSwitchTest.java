package io.havoq.fault.local.network;

/** The switch on TUN devices. */
class TunPacketSwitchTest extends PacketSwitchContract {
    @Override
    Ports.Kind kind() {
        return Ports.Kind.TUN;
    }
}
