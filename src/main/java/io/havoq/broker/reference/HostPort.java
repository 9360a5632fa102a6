package io.havoq.broker.reference;

/** A host, by name or by address, and a port; nothing is resolved. */
record HostPort(String host, int port) {
    /**
     * @param key of the argument, for the message
     * @throws IllegalArgumentException if it is not {@code host:port}
     */
    static HostPort parse(String key, String text) {
        var colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("--" + key + ": '" + text + "' is not host:port");
        }
        return new HostPort(text.substring(0, colon), Arguments.number(key, text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
