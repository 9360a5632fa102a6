package io.havoq.manifest;

/** The {@code selector}, {@code mode} and {@code value} of a manifest. */
public record Selection(Selector selector, Mode mode) {
    /** The same mode on other pods. */
    public Selection withSelector(Selector other) {
        return new Selection(other, mode);
    }
}
