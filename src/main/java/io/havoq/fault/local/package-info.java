/** The local engine: real faults on broker processes of this machine. */
@NullMarked
package io.havoq.fault.local;

import org.jspecify.annotations.NullMarked;
