/** Where experiments run: the targets, their MQTT endpoints, logs and fault engine. */
@NullMarked
package io.havoq.environment;

import org.jspecify.annotations.NullMarked;
