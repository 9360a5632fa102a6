/** One clock for a run, and durations as Go writes them. */
@NullMarked
package io.havoq.time;

import org.jspecify.annotations.NullMarked;
