/** Broker presets: how a node of each broker is launched, and when it is ready. */
@NullMarked
package io.havoq.broker;

import org.jspecify.annotations.NullMarked;
