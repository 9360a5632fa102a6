/** One thread that serves many non-blocking channels. */
@NullMarked
package io.havoq.fault.local.loop;

import org.jspecify.annotations.NullMarked;
