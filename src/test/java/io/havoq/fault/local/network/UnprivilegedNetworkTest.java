package io.havoq.fault.local.network;

class UnprivilegedNetworkTest {}
