/** MQTT clients with every default that matters set explicitly. */
@NullMarked
package io.havoq.mqtt;

import org.jspecify.annotations.NullMarked;
