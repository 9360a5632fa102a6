/** Fault engines and injections, whatever carries them out. */
@NullMarked
package io.havoq.fault;

import org.jspecify.annotations.NullMarked;
