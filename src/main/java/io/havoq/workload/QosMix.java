package io.havoq.workload;

/**
 * The shares of the three QoS levels in what is published, in percent.
 *
 * @param qos0 percent at QoS 0
 * @param qos1 percent at QoS 1
 * @param qos2 percent at QoS 2; the three make 100
 */
public record QosMix(int qos0, int qos1, int qos2) {
    /** Refuses shares that are negative or do not make 100. */
    public QosMix {
        if (qos0 < 0 || qos1 < 0 || qos2 < 0 || qos0 + qos1 + qos2 != 100) {
            throw new IllegalArgumentException("'" + qos0 + "/" + qos1 + "/" + qos2
                    + "' is not a mix: expected three shares that make 100, e.g. 40/50/10");
        }
    }

    /** Reads {@code 40/50/10}: QoS 0, 1, 2. */
    public static QosMix parse(String text) {
        var parts = text.strip().split("/", -1);
        try {
            if (parts.length == 3) {
                return new QosMix(
                        Integer.parseInt(parts[0].strip()),
                        Integer.parseInt(parts[1].strip()),
                        Integer.parseInt(parts[2].strip()));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a mix: expected e.g. 40/50/10", e);
        }
        throw new IllegalArgumentException("'" + text + "' is not a mix: expected three shares, e.g. 40/50/10");
    }

    @Override
    public String toString() {
        return qos0 + "/" + qos1 + "/" + qos2;
    }
}
