/** The load kept up during an experiment: pacing, publishers, subscribers. */
@NullMarked
package io.havoq.workload;

import org.jspecify.annotations.NullMarked;
