/** One clock for a run, durations as Go writes them, and bounded waits for threads. */
@NullMarked
package io.havoq.time;

import org.jspecify.annotations.NullMarked;
