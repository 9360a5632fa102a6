package io.havoq.fault.local.dns;

/** Says which names a DNS fault is for. */
@FunctionalInterface
public interface NamePattern {
    /** Every name: what Chaos Mesh does with an empty list of patterns. */
    NamePattern ALL = name -> true;

    /** The name is in lower case and without the final dot. Called on the DNS server's thread: must not block. */
    boolean matches(String name);
}
