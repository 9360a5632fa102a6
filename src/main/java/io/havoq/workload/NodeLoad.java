package io.havoq.workload;

/**
 * What the load had going at some nodes at one moment.
 *
 * @param connectedClients publishers and subscribers connected there
 * @param outstandingPublishes QoS 1 and 2 publishes of clients connected there that waited for their outcome
 */
public record NodeLoad(int connectedClients, int outstandingPublishes) {}
