/** What a node may use of processors and memory, and who takes it away from there. */
@NullMarked
package io.havoq.fault.local.stress;

import org.jspecify.annotations.NullMarked;
