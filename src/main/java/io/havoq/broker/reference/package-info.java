/** The reference broker: a small replicated MQTT cluster on Apache Ratis. */
@NullMarked
package io.havoq.broker.reference;

import org.jspecify.annotations.NullMarked;
