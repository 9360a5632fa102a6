/** A broker cluster as processes on this machine. */
@NullMarked
package io.havoq.environment.local;

import org.jspecify.annotations.NullMarked;
