/** The life of an experiment: steady state, injection, proof, recovery, verdict. */
@NullMarked
package io.havoq.experiment;

import org.jspecify.annotations.NullMarked;
