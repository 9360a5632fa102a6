package io.havoq.fault.chaosmesh;

import java.util.Optional;

/** Stands where a fault cannot be seen by other means. */
record NoProbe(String why) implements EffectProbe {
    @Override
    public void before(PodView pod) {}

    @Override
    public Sight during(Optional<PodView> pod) {
        return new Sight.Blind(why);
    }

    @Override
    public Sight after(Optional<PodView> pod) {
        return new Sight.Blind(why);
    }
}
