package io.havoq.fault.local.dns;

/** A fault of DNSChaos: what happens to questions for the names of a pattern. */
public record DnsFault(Action action, NamePattern names) {
    /** The actions of DNSChaos, answered as Chaos Mesh's k8s_dns_chaos plugin does (chaos.go, chaosDNS). */
    public enum Action {
        /** Server failure, whatever is asked for. */
        ERROR,
        /** A: an address of random octets 0 to 254. AAAA: 2001:db8::123:12:1. Others: server failure. TTL 10 s. */
        RANDOM
    }
}
